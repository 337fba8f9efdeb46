//! The instruction set: one table, from which the enum, the encoder, the decoder and the disassembler are made.
//! What the verifier knows of each instruction stands in a table of its own (`effects.rs`).
//!
//! Notation: `r` is the frame's register window, `k` the constants of the code object, `imm` a signed byte.
//! Operands follow the opcode byte in the order given. Registers take one byte; constants, far registers and
//! jumps two, little-endian; a jump is relative to the end of its instruction. `base` names the first of
//! several consecutive registers.
//!
//! Frame layout: arguments in `r[0..]` (positional, then keyword-only, then `*args`, then `**kwargs`), other
//! locals, temporaries. Code of modules, `exec`, `eval` and class bodies has its namespace dictionary in `r[0]`.
//! A function with more than 255 registers keeps the rest of its locals *far* (`load_far`, `store_far`).
//!
//! "Captured" variables live in a `Cell`: in the function that owns them their register holds the cell (made by
//! `make_cell` at the start, taking over an argument's value); inner functions reach them by index in their own
//! function object (`load_free`).
//!
//! Safe points: taken backward jumps, calls and returns.

/// Kinds of operands and their sizes in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A register that is written. 1 byte.
    Out,
    /// A register that is read. 1 byte.
    In,
    /// A register that is read and written. 1 byte.
    InOut,
    /// The first of several registers; which are read and written follows from the opcode. 1 byte.
    Base,
    /// A constant. 2 bytes.
    Const,
    /// A constant that is an interned string, with a hint byte at the same index. 2 bytes.
    Name,
    /// A signed byte.
    Imm,
    /// An unsigned byte: a count, an index or flags.
    Count,
    /// Index of a far register, counted from `r[0]`. 2 bytes.
    Far,
    /// A jump, relative to the end of the instruction. 2 bytes, signed.
    Jump,
}

impl Operand {
    /// Encoded size in bytes.
    pub const fn size(self) -> usize {
        match self {
            Operand::Const | Operand::Name | Operand::Far | Operand::Jump => 2,
            _ => 1,
        }
    }
}

/// Calls `$then!` with every opcode: `docs name { operand: Kind, … }`.
#[macro_export]
macro_rules! for_each_op {
    ($then:ident) => {
        $then! {
            // ---- moves and constants
            /// `r[dst] = r[src]`
            Move { dst: Out, src: In }
            /// `r[dst] = k[c]`
            LoadConst { dst: Out, c: Const }
            /// `r[dst] = imm`
            LoadInt { dst: Out, imm: Imm }
            /// `r[dst] = immediate number n` (see `Value`: 0 UNDEF, 1 None, 2 False, 3 True, 4 Ellipsis)
            LoadImm { dst: Out, n: Count }
            /// `r[dst] = r[far]`
            LoadFar { dst: Out, far: Far }
            /// `r[far] = r[src]`
            StoreFar { far: Far, src: In }
            /// Raises `UnboundLocalError` (`NameError`) naming `k[name]` where `r[src]` is unbound.
            CheckBound { src: In, name: Name }
            // ---- names
            /// `r[dst] = globals[k[name]]`, else `builtins[k[name]]`, else `NameError`
            LoadGlobal { dst: Out, name: Name }
            /// `globals[k[name]] = r[src]`
            StoreGlobal { name: Name, src: In }
            /// `del globals[k[name]]`, else `NameError`
            DelGlobal { name: Name }
            /// `r[dst] = r[0][k[name]]`, else as `LoadGlobal`
            LoadName { dst: Out, name: Name }
            /// `r[0][k[name]] = r[src]`
            StoreName { name: Name, src: In }
            /// `del r[0][k[name]]`, else `NameError`
            DelName { name: Name }
            /// As `LoadFree`, but looks in the class namespace `r[0]` first.
            LoadClassFree { dst: Out, free: Count, name: Name }
            // ---- cells
            /// `r[reg] = Cell(r[reg])`
            MakeCell { reg: InOut }
            /// `r[dst] = r[cell].value`, `NameError` naming `k[name]` when unbound
            LoadCell { dst: Out, cell: In, name: Name }
            /// `r[cell].value = r[src]`
            StoreCell { cell: In, src: In }
            /// `r[dst] = function.cells[free].value`, `NameError` naming `k[name]` when unbound
            LoadFree { dst: Out, free: Count, name: Name }
            /// `function.cells[free].value = r[src]`
            StoreFree { free: Count, src: In }
            /// `r[dst] = function.cells[free]`, the cell itself
            LoadFreeCell { dst: Out, free: Count }
            // ---- attributes and items
            /// `r[dst] = r[obj].k[name]`
            LoadAttr { dst: Out, obj: In, name: Name }
            /// `r[obj].k[name] = r[src]`
            StoreAttr { obj: In, name: Name, src: In }
            /// `del r[obj].k[name]`
            DelAttr { obj: In, name: Name }
            /// Prepares `CallMethod`: `r[base] = function, r[base+1] = r[obj]` for a method, else `r[base] = r[obj].k[name], r[base+1] = UNDEF`. `obj` may be `base` or `base+1`.
            LoadMethod { base: Base, obj: In, name: Name }
            /// As `LoadMethod`, but looks `k[name]` (a dunder name) up in the type only; `TypeError` naming the protocol when absent.
            LoadSpecial { base: Base, obj: In, name: Name }
            /// `super(r[cls], r[obj]).k[name]` as in `LoadMethod`: `r[base], r[base+1]`. `cls` holds the `__class__` cell's value.
            LoadSuper { base: Base, cls: In, obj: In, name: Name }
            /// `r[dst] = r[obj][r[index]]`
            LoadItem { dst: Out, obj: In, index: In }
            /// `r[dst] = r[obj][r[base]:r[base+1]:r[base+2]]`
            LoadSlice { dst: Out, obj: In, base: Base }
            /// `r[dst] = r[obj][imm]`
            LoadItemInt { dst: Out, obj: In, imm: Imm }
            /// `r[dst] = r[obj][k[name]]` for a string constant
            LoadItemKey { dst: Out, obj: In, name: Name }
            /// `r[obj][r[index]] = r[src]`
            StoreItem { obj: In, index: In, src: In }
            /// `r[obj][r[base]:r[base+1]:r[base+2]] = r[src]`
            StoreSlice { obj: In, base: Base, src: In }
            /// `r[obj][k[name]] = r[src]`
            StoreItemKey { obj: In, name: Name, src: In }
            /// `del r[obj][r[index]]`
            DelItem { obj: In, index: In }
            // ---- arithmetic: `r[dst] = r[lhs] op r[rhs]`; the I forms try `__iadd__` … first
            /// `r[dst] = r[lhs] + r[rhs]`
            Add { dst: Out, lhs: In, rhs: In }
            /// `-`
            Sub { dst: Out, lhs: In, rhs: In }
            /// `*`
            Mul { dst: Out, lhs: In, rhs: In }
            /// `/`
            TrueDiv { dst: Out, lhs: In, rhs: In }
            /// `//`
            FloorDiv { dst: Out, lhs: In, rhs: In }
            /// `%`
            Mod { dst: Out, lhs: In, rhs: In }
            /// `**`
            Pow { dst: Out, lhs: In, rhs: In }
            /// `@`
            MatMul { dst: Out, lhs: In, rhs: In }
            /// `<<`
            LShift { dst: Out, lhs: In, rhs: In }
            /// `>>`
            RShift { dst: Out, lhs: In, rhs: In }
            /// `&`
            And { dst: Out, lhs: In, rhs: In }
            /// `|`
            Or { dst: Out, lhs: In, rhs: In }
            /// `^`
            Xor { dst: Out, lhs: In, rhs: In }
            /// `r[dst] = r[lhs] += r[rhs]`
            IAdd { dst: Out, lhs: In, rhs: In }
            /// `-=`
            ISub { dst: Out, lhs: In, rhs: In }
            /// `*=`
            IMul { dst: Out, lhs: In, rhs: In }
            /// `/=`
            ITrueDiv { dst: Out, lhs: In, rhs: In }
            /// `//=`
            IFloorDiv { dst: Out, lhs: In, rhs: In }
            /// `%=`
            IMod { dst: Out, lhs: In, rhs: In }
            /// `**=`
            IPow { dst: Out, lhs: In, rhs: In }
            /// `@=`
            IMatMul { dst: Out, lhs: In, rhs: In }
            /// `<<=`
            ILShift { dst: Out, lhs: In, rhs: In }
            /// `>>=`
            IRShift { dst: Out, lhs: In, rhs: In }
            /// `&=`
            IAnd { dst: Out, lhs: In, rhs: In }
            /// `|=`
            IOr { dst: Out, lhs: In, rhs: In }
            /// `^=`
            IXor { dst: Out, lhs: In, rhs: In }
            /// `r[dst] = r[lhs] + imm`
            AddInt { dst: Out, lhs: In, imm: Imm }
            /// `r[dst] = r[lhs] - imm`
            SubInt { dst: Out, lhs: In, imm: Imm }
            /// `r[dst] = r[lhs] += imm`
            IAddInt { dst: Out, lhs: In, imm: Imm }
            /// `r[dst] = r[lhs] -= imm`
            ISubInt { dst: Out, lhs: In, imm: Imm }
            /// `r[dst] = -r[src]`
            Neg { dst: Out, src: In }
            /// `r[dst] = +r[src]`
            Pos { dst: Out, src: In }
            /// `r[dst] = ~r[src]`
            Invert { dst: Out, src: In }
            /// `r[dst] = not r[src]`
            Not { dst: Out, src: In }
            // ---- comparison
            /// `r[dst] = r[lhs] < r[rhs]`
            Lt { dst: Out, lhs: In, rhs: In }
            /// `<=`
            Le { dst: Out, lhs: In, rhs: In }
            /// `>`
            Gt { dst: Out, lhs: In, rhs: In }
            /// `>=`
            Ge { dst: Out, lhs: In, rhs: In }
            /// `==`
            Eq { dst: Out, lhs: In, rhs: In }
            /// `!=`
            Ne { dst: Out, lhs: In, rhs: In }
            /// `is`
            Is { dst: Out, lhs: In, rhs: In }
            /// `is not`
            IsNot { dst: Out, lhs: In, rhs: In }
            /// `r[dst] = r[lhs] in r[rhs]`
            Contains { dst: Out, lhs: In, rhs: In }
            /// `not in`
            NotContains { dst: Out, lhs: In, rhs: In }
            // ---- jumps
            /// `pc += jump`
            Jump { jump: Jump }
            /// `if r[src]: pc += jump`
            JumpTrue { src: In, jump: Jump }
            /// `if not r[src]: pc += jump`
            JumpFalse { src: In, jump: Jump }
            /// `if r[src] is None: pc += jump`
            JumpNone { src: In, jump: Jump }
            /// `if r[src] is not None: pc += jump`
            JumpNotNone { src: In, jump: Jump }
            /// `if r[lhs] < r[rhs]: pc += jump`
            JumpLt { lhs: In, rhs: In, jump: Jump }
            /// `<=`
            JumpLe { lhs: In, rhs: In, jump: Jump }
            /// `>`
            JumpGt { lhs: In, rhs: In, jump: Jump }
            /// `>=`
            JumpGe { lhs: In, rhs: In, jump: Jump }
            /// `==`
            JumpEq { lhs: In, rhs: In, jump: Jump }
            /// `!=`
            JumpNe { lhs: In, rhs: In, jump: Jump }
            /// `if not (r[lhs] < r[rhs]): pc += jump` (differs from `>=`: NaN, reflection)
            JumpNotLt { lhs: In, rhs: In, jump: Jump }
            /// `not <=`
            JumpNotLe { lhs: In, rhs: In, jump: Jump }
            /// `not >`
            JumpNotGt { lhs: In, rhs: In, jump: Jump }
            /// `not >=`
            JumpNotGe { lhs: In, rhs: In, jump: Jump }
            /// `not ==`
            JumpNotEq { lhs: In, rhs: In, jump: Jump }
            /// `not !=`
            JumpNotNe { lhs: In, rhs: In, jump: Jump }
            /// `if r[lhs] < imm: pc += jump`
            JumpLtInt { lhs: In, imm: Imm, jump: Jump }
            /// `<=`
            JumpLeInt { lhs: In, imm: Imm, jump: Jump }
            /// `>`
            JumpGtInt { lhs: In, imm: Imm, jump: Jump }
            /// `>=`
            JumpGeInt { lhs: In, imm: Imm, jump: Jump }
            /// `==`
            JumpEqInt { lhs: In, imm: Imm, jump: Jump }
            /// `!=`
            JumpNeInt { lhs: In, imm: Imm, jump: Jump }
            /// `not <`
            JumpNotLtInt { lhs: In, imm: Imm, jump: Jump }
            /// `not <=`
            JumpNotLeInt { lhs: In, imm: Imm, jump: Jump }
            /// `not >`
            JumpNotGtInt { lhs: In, imm: Imm, jump: Jump }
            /// `not >=`
            JumpNotGeInt { lhs: In, imm: Imm, jump: Jump }
            /// `not ==`
            JumpNotEqInt { lhs: In, imm: Imm, jump: Jump }
            /// `not !=`
            JumpNotNeInt { lhs: In, imm: Imm, jump: Jump }
            // ---- iteration
            /// Makes `r[base..base+3]` iterate over `r[src]`; calls `__iter__`. `src` may be `base`.
            GetIter { base: Base, src: In }
            /// Takes the next item: `r[dst] = item; pc += jump`; falls through at the end. The jump goes back to the loop's body.
            ForNext { dst: Out, base: Base, jump: Jump }
            // ---- calls; the callee's window overlaps the arguments
            /// `r[dst] = r[base](r[base+1], …)` with `n` positional arguments
            Call { dst: Out, base: Base, n: Count }
            /// After `LoadMethod`: `r[dst] = r[base](r[base+1] unless UNDEF, r[base+2], …)` with `n` arguments from `base+2`
            CallMethod { dst: Out, base: Base, n: Count }
            /// As `Call`; the last `len(k[names])` of the `n` arguments are keyword arguments named by the tuple
            CallKw { dst: Out, base: Base, n: Count, names: Const }
            /// As `CallMethod`, with keywords
            CallMethodKw { dst: Out, base: Base, n: Count, names: Const }
            /// `r[dst] = r[base](*r[base+1], **r[base+2])`; `r[base+1]` is a list or tuple, `r[base+2]` a dict or UNDEF
            CallEx { dst: Out, base: Base }
            /// Returns `r[src]`
            Return { src: In }
            /// Returns `None`
            ReturnNone {}
            // ---- functions
            /// `r[dst] = function(k[code], globals)`; `r[base]` tuple of defaults or UNDEF, `r[base+1]` dict of keyword-only defaults or UNDEF, then one cell for each free variable of the code.
            MakeFunction { dst: Out, code: Const, base: Base }
            // ---- generators and coroutines
            /// Yields `r[src]`; `r[dst]` is what `send` passes in.
            Yield { dst: Out, src: In }
            /// `r[dst] = iter(r[src])` for `yield from` (a coroutine only from a coroutine)
            GetYieldIter { dst: Out, src: In }
            /// `r[dst] =` what a generator expression over `r[src]` begins with: a range, list, tuple or string as it is, else `iter(r[src])`
            GetFirstIter { dst: Out, src: In }
            /// `r[dst] =` the iterator that `await r[src]` drives
            GetAwaitable { dst: Out, src: In }
            /// One step of `yield from`: sends `r[base+1]` to the iterator `r[base]`. When it yields, yields that value, stores what comes back in `r[base+1]` and runs again; when it ends, `r[dst] =` its value. Before the first step `r[base+1]` is `None`.
            YieldFrom { dst: Out, base: Base }
            /// `r[dst] = r[src].__aiter__()`
            GetAIter { dst: Out, src: In }
            /// `r[dst] = r[src].__anext__()`; `GetAwaitable` and `YieldFrom` follow
            GetANext { dst: Out, src: In }
            // ---- building
            /// `r[dst] = [r[base], … r[base+n-1]]`
            BuildList { dst: Out, base: Base, n: Count }
            /// `r[dst] = (r[base], … r[base+n-1])`
            BuildTuple { dst: Out, base: Base, n: Count }
            /// `r[dst] = {r[base], … r[base+n-1]}`, `set()` for n = 0
            BuildSet { dst: Out, base: Base, n: Count }
            /// `r[dst] = {r[base]: r[base+1], …}`, n pairs
            BuildDict { dst: Out, base: Base, n: Count }
            /// `r[dst] = slice(r[base], r[base+1], r[base+2])`
            BuildSlice { dst: Out, base: Base }
            /// `r[dst] = ''.join(r[base..base+n])`, all strings
            BuildString { dst: Out, base: Base, n: Count }
            /// `r[dst] = format(conv(r[base]), r[base+1])`; conv 0 none, 1 str, 2 repr, 3 ascii; `r[base+1]` UNDEF for an empty spec
            FormatValue { dst: Out, base: Base, conv: Count }
            /// `r[dst] = Template(strings r[base], interpolations r[base+1])`, both tuples
            BuildTemplate { dst: Out, base: Base }
            /// `r[dst] = Interpolation(r[base], expression r[base+1], conv, spec r[base+2])`
            BuildInterpolation { dst: Out, base: Base, conv: Count }
            /// `r[list].append(r[src])`
            ListAppend { list: In, src: In }
            /// `r[list].extend(r[src])`
            ListExtend { list: In, src: In }
            /// `r[dst] = tuple(r[src])` of a list
            ListToTuple { dst: Out, src: In }
            /// `r[set].add(r[src])`
            SetAdd { set: In, src: In }
            /// `r[set].update(r[src])`
            SetUpdate { set: In, src: In }
            /// `r[dict][r[key]] = r[src]`
            DictSet { dict: In, key: In, src: In }
            /// `r[dict].update(r[src])`; a mapping
            DictUpdate { dict: In, src: In }
            /// As `DictUpdate` for `**kwargs` of a call: a repeated or non-string key is a `TypeError`
            DictMerge { dict: In, src: In }
            /// `r[base], … r[base+n-1] = r[src]`; some may be written when it raises
            UnpackSequence { base: Base, src: In, n: Count }
            /// `r[base], …, *r[base+before], … = r[src]` with `before` and `after` names around the starred one
            UnpackEx { base: Base, src: In, before: Count, after: Count }
            // ---- exceptions
            /// Begins a handler: `r[exc]` is the caught exception; `r[exc+1] = ` the exception handled before; `r[exc]` becomes the handled one
            EnterHandler { exc: Base }
            /// Ends a handler: `r[exc+1]` becomes the handled exception again
            LeaveHandler { exc: Base }
            /// `if not isinstance(r[exc], r[class]): pc += jump`; `r[class]` a class or tuple of classes
            JumpNoMatch { exc: In, class: In, jump: Jump }
            /// `except*`: splits `r[base]` by the classes `r[base+1]`: `r[base+2] =` matching group or None, `r[base] =` the rest or None
            SplitGroup { base: Base }
            /// `raise r[src]`
            Raise { src: In }
            /// `raise r[src] from r[cause]`
            RaiseFrom { src: In, cause: In }
            /// Raises `r[src]` again, its traceback unchanged
            Reraise { src: In }
            /// `raise` alone: raises the handled exception again, `RuntimeError` when there is none
            RaiseAgain {}
            /// For `__exit__`: `r[base] = type(r[exc]), r[base+1] = r[exc], r[base+2] =` its traceback object or None
            ExcInfo { base: Base, exc: In }
            /// Ends `except*`: raises the group of what was raised in its clauses (list `r[base]`) and the unmatched rest (`r[base+1]` or None), of the original group `r[base+2]`; goes on when there is nothing
            RaiseGroup { base: Base }
            // ---- imports
            /// `r[dst] = __import__(k[name], level r[base], fromlist r[base+1])`
            ImportName { dst: Out, base: Base, name: Name }
            /// `r[dst] = r[src].k[name]`, a submodule, or `ImportError`
            ImportFrom { dst: Out, src: In, name: Name }
            /// Copies the public names of module `r[src]` into `r[0]`
            ImportStar { src: In }
            // ---- match
            /// `r[dst] =` whether `r[src]` is a sequence for patterns
            MatchSequence { dst: Out, src: In }
            /// `r[dst] =` whether `r[src]` is a mapping for patterns
            MatchMapping { dst: Out, src: In }
            /// `r[dst] = len(r[src])`
            Len { dst: Out, src: In }
            /// `r[dst] =` tuple of the values of the keys in the tuple `r[base+1]` in the mapping `r[base]`, or None if one is missing
            MatchKeys { dst: Out, base: Base }
            /// `r[dst] =` tuple of the `n` positional and the `k[names]` keyword attributes of `r[base]` as an instance of class `r[base+1]`, or None when it is none
            MatchClass { dst: Out, base: Base, n: Count, names: Const }
            /// `r[dst] = dict(r[src])` without the keys in the tuple `r[keys]`
            DictRest { dst: Out, src: In, keys: In }
            // ---- rest
            /// The prompt's display hook: prints `repr(r[src])` and stores it in `_`, unless it is None.
            PrintExpr { src: In }
        }
    };
}

macro_rules! make_op {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ident),* })*) => {
        /// An operation code.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Op { $($(#[$doc])* $name),* }

        impl Op {
            /// Every opcode by its number.
            pub const ALL: &'static [Op] = &[$(Op::$name),*];

            /// The operands, in encoding order.
            pub const fn operands(self) -> &'static [Operand] {
                match self { $(Op::$name => &[$(Operand::$kind),*]),* }
            }

            /// The operands' names, in encoding order.
            pub const fn operand_names(self) -> &'static [&'static str] {
                match self { $(Op::$name => &[$(stringify!($field)),*]),* }
            }

            /// The mnemonic.
            pub const fn name(self) -> &'static str {
                match self { $(Op::$name => stringify!($name)),* }
            }

            /// The sizes of the operands before the jump, if there is one: two bits each, the first in the lowest.
            pub fn sizes(self) -> u8 {
                SIZES[self as usize]
            }

            /// The opcode with this number.
            pub fn from_byte(byte: u8) -> Option<Op> {
                Op::ALL.get(byte as usize).copied()
            }

            /// Bytes of a whole instruction.
            #[allow(clippy::len_without_is_empty, reason = "no instruction is empty")]
            pub const fn len(self) -> usize {
                let mut size = 1;
                let mut n = 0;
                while n < self.operands().len() {
                    size += self.operands()[n].size();
                    n += 1;
                }
                size
            }
        }
    };
}
for_each_op!(make_op);

/// [`Op::sizes`] of every opcode.
static SIZES: [u8; Op::ALL.len()] = {
    let mut sizes = [0; Op::ALL.len()];
    let mut op = 0;
    while op < sizes.len() {
        let operands = Op::ALL[op].operands();
        let mut n = 0;
        while n < operands.len() && !matches!(operands[n], Operand::Jump) {
            sizes[op] |= (operands[n].size() as u8) << (2 * n);
            n += 1;
        }
        assert!(n + 1 >= operands.len());
        op += 1;
    }
    sizes
};
