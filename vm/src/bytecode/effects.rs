//! What every instruction needs of the registers and operands that it names, and does to them: the verifier's table.
//!
//! It is written down as [`EFFECTS`], beside what the opcode table says already. From both, when this is compiled, comes
//! what is in the image: for each opcode a list of acts, which opcodes that are alike share.
#![forbid(unsafe_code)]

use super::op::{Op, Operand};

/// What is known of a register.
pub mod kind {
    /// Not written on every path, or clobbered.
    pub const UNWRITTEN: u8 = 0;
    /// A value, or nothing: a variable that may be unbound.
    pub const MAYBE: u8 = 1;
    /// Nothing, for sure: an absent argument.
    pub const UNDEF: u8 = 2;
    /// What `LoadMethod` puts beside the function: an object or nothing.
    pub const RECEIVER: u8 = 3;
    /// Any Python value.
    pub const VALUE: u8 = 4;
    /// A cell.
    pub const CELL: u8 = 5;
    /// A list that the code is building.
    pub const LIST: u8 = 6;
    /// A dictionary that the code is building.
    pub const DICT: u8 = 7;
    /// A set that the code is building.
    pub const SET: u8 = 8;
    /// A tuple.
    pub const TUPLE: u8 = 9;
    /// An exception.
    pub const EXCEPTION: u8 = 10;
    /// What was handled before `EnterHandler`.
    pub const HANDLED: u8 = 11;
    /// First of the three registers of an iterator.
    pub const ITER: u8 = 12;
    /// The other two.
    pub const ITER_STATE: u8 = 13;
}

/// What an instruction needs of an operand, or of the register that it names, or does to it. `count` is the byte after the
/// third, `constant` the two after the second: where all that need them have them.
pub mod act {
    /// The register holds the kind that is added to this.
    pub const IS: u8 = 0;
    /// It holds a Python value.
    pub const READ: u8 = 16;
    /// It holds a value, or nothing for sure.
    pub const READ_OPTIONAL: u8 = 17;
    /// It holds a value, or nothing: what may be put into a variable's place.
    pub const READ_UNBOUND: u8 = 18;
    /// It holds a value, or what `LoadMethod` put there.
    pub const READ_RECEIVER: u8 = 19;
    /// It holds what may be moved.
    pub const READ_ANY: u8 = 20;
    /// It holds what may be fetched from afar.
    pub const READ_FAR: u8 = 21;
    /// It holds a tuple, or nothing for sure.
    pub const IS_OPTIONAL_TUPLE: u8 = 22;
    /// It holds a dictionary, or nothing for sure.
    pub const IS_OPTIONAL_DICT: u8 = 23;
    /// It holds a list or a tuple.
    pub const IS_SEQUENCE: u8 = 24;
    /// It will hold the kind that is added to this.
    pub const PUT: u8 = 32;
    /// The operand is at most what is added to this.
    pub const AT_MOST: u8 = 48;
    /// The register and those behind it, `count` in all, hold Python values.
    pub const READ_MANY: u8 = 64;
    /// The same, two for each.
    pub const READ_PAIRS: u8 = 65;
    /// From it on are cells for the free variables of the code that is the `constant`.
    pub const ARE_CELLS: u8 = 66;
    /// From it on all is clobbered: a callee ran there.
    pub const CLOBBER: u8 = 67;
    /// It will hold what the register that was looked at last holds.
    pub const PUT_SAME: u8 = 68;
    /// The same, but bound.
    pub const PUT_BOUND: u8 = 69;
    /// It will hold the `constant`.
    pub const PUT_CONST: u8 = 70;
    /// It will hold the immediate that is the byte after the second.
    pub const PUT_IMM: u8 = 71;
    /// As many registers from it on as `count` says will hold values.
    pub const PUT_MANY: u8 = 72;
    /// The same with one more, and as many again as the byte after `count` says.
    pub const PUT_STARRED: u8 = 73;
    /// The operand is the index of a free variable.
    pub const FREE_VARIABLE: u8 = 74;
    /// It is a constant.
    pub const IS_CONST: u8 = 75;
    /// It is a constant that is a name.
    pub const IS_NAME: u8 = 76;
    /// It is a code object.
    pub const IS_CODE: u8 = 77;
    /// It is a tuple of names.
    pub const ARE_NAMES: u8 = 78;
    /// It is a tuple of at most `count` names.
    pub const ARE_KEYWORDS: u8 = 79;
    /// It is a far register.
    pub const IS_FAR: u8 = 80;
    /// The code has a namespace.
    pub const IN_NAMESPACE: u8 = 81;
    /// The code is a generator's or a coroutine's.
    pub const SUSPENDS: u8 = 82;
    /// The next instruction does not follow.
    pub const STOP: u8 = 83;
    /// A jump leads from here; the last act of an instruction.
    pub const JUMP: u8 = 84;
}

/// Bits of all Python values.
pub const VALUES: u16 = (1 << kind::HANDLED) - (1 << kind::VALUE);

/// The kinds, as bits, that a register may have for the acts from [`act::READ`] on.
pub static KINDS: [u16; 9] = {
    const UNDEF: u16 = 1 << kind::UNDEF;
    const MAYBE: u16 = 1 << kind::MAYBE;
    const RECEIVER: u16 = 1 << kind::RECEIVER;
    [
        VALUES,
        VALUES | UNDEF,
        VALUES | UNDEF | MAYBE,
        VALUES | UNDEF | RECEIVER,
        VALUES | UNDEF | MAYBE | RECEIVER,
        !(1 << kind::UNWRITTEN),
        1 << kind::TUPLE | UNDEF,
        1 << kind::DICT | UNDEF,
        1 << kind::LIST | 1 << kind::TUPLE,
    ]
};

/// One act of an opcode.
#[derive(Clone, Copy)]
struct Effect {
    op: Op,
    operand: u8,
    /// How far behind the register that the operand names.
    offset: u8,
    act: u8,
}

/// What opcodes need and do besides what [`Operand`] says, and instead of it where a register is named. In the order of the
/// opcodes; for each from its last operand to its first, the only one that is plainly written, and what is needed of one
/// before what is done to it.
const EFFECTS: &[Effect] = {
    use act::*;
    use kind::*;
    const fn e(op: Op, operand: u8, offset: u8, act: u8) -> Effect {
        Effect { op, operand, offset, act }
    }
    &[
        e(Op::Move, 1, 0, READ_ANY),
        e(Op::Move, 0, 0, PUT_SAME),
        e(Op::LoadConst, 0, 0, PUT_CONST),
        e(Op::LoadImm, 1, 0, AT_MOST + 4),
        e(Op::LoadImm, 0, 0, PUT_IMM),
        e(Op::LoadFar, 1, 0, READ_FAR),
        e(Op::LoadFar, 0, 0, PUT_SAME),
        e(Op::StoreFar, 1, 0, READ_UNBOUND),
        e(Op::StoreFar, 0, 0, PUT_SAME),
        e(Op::CheckBound, 0, 0, READ_UNBOUND),
        e(Op::CheckBound, 0, 0, PUT_BOUND),
        e(Op::LoadName, 3, 0, IN_NAMESPACE),
        e(Op::StoreName, 3, 0, IN_NAMESPACE),
        e(Op::DelName, 3, 0, IN_NAMESPACE),
        e(Op::LoadClassFree, 1, 0, FREE_VARIABLE),
        e(Op::LoadClassFree, 1, 0, IN_NAMESPACE),
        e(Op::MakeCell, 0, 0, READ_UNBOUND),
        e(Op::MakeCell, 0, 0, PUT + CELL),
        e(Op::LoadCell, 1, 0, IS + CELL),
        e(Op::StoreCell, 1, 0, READ_UNBOUND),
        e(Op::StoreCell, 0, 0, IS + CELL),
        e(Op::LoadFree, 1, 0, FREE_VARIABLE),
        e(Op::StoreFree, 1, 0, READ_UNBOUND),
        e(Op::StoreFree, 0, 0, FREE_VARIABLE),
        e(Op::LoadFreeCell, 1, 0, FREE_VARIABLE),
        e(Op::LoadFreeCell, 0, 0, PUT + CELL),
        e(Op::LoadMethod, 0, 0, PUT + VALUE),
        e(Op::LoadMethod, 0, 1, PUT + RECEIVER),
        e(Op::LoadSpecial, 0, 0, PUT + VALUE),
        e(Op::LoadSpecial, 0, 1, PUT + RECEIVER),
        e(Op::LoadSuper, 0, 0, PUT + VALUE),
        e(Op::LoadSuper, 0, 1, PUT + RECEIVER),
        e(Op::LoadSlice, 2, 0, READ),
        e(Op::LoadSlice, 2, 1, READ),
        e(Op::LoadSlice, 2, 2, READ),
        e(Op::StoreSlice, 1, 0, READ),
        e(Op::StoreSlice, 1, 1, READ),
        e(Op::StoreSlice, 1, 2, READ),
        e(Op::Jump, 3, 0, STOP),
        e(Op::GetIter, 0, 0, PUT + ITER),
        e(Op::GetIter, 0, 1, PUT + ITER_STATE),
        e(Op::GetIter, 0, 2, PUT + ITER_STATE),
        e(Op::ForNext, 1, 0, IS + ITER),
        e(Op::ForNext, 1, 1, IS + ITER_STATE),
        e(Op::ForNext, 1, 2, IS + ITER_STATE),
        e(Op::Call, 1, 0, READ),
        e(Op::Call, 1, 1, READ_MANY),
        e(Op::Call, 1, 0, CLOBBER),
        e(Op::CallMethod, 1, 0, READ),
        e(Op::CallMethod, 1, 1, READ_RECEIVER),
        e(Op::CallMethod, 1, 2, READ_MANY),
        e(Op::CallMethod, 1, 0, CLOBBER),
        e(Op::CallKw, 3, 0, ARE_KEYWORDS),
        e(Op::CallKw, 1, 0, READ),
        e(Op::CallKw, 1, 1, READ_MANY),
        e(Op::CallKw, 1, 0, CLOBBER),
        e(Op::CallMethodKw, 3, 0, ARE_KEYWORDS),
        e(Op::CallMethodKw, 1, 0, READ),
        e(Op::CallMethodKw, 1, 1, READ_RECEIVER),
        e(Op::CallMethodKw, 1, 2, READ_MANY),
        e(Op::CallMethodKw, 1, 0, CLOBBER),
        e(Op::CallEx, 1, 0, READ),
        e(Op::CallEx, 1, 1, IS_SEQUENCE),
        e(Op::CallEx, 1, 2, IS_OPTIONAL_DICT),
        e(Op::CallEx, 1, 0, CLOBBER),
        e(Op::Return, 3, 0, STOP),
        e(Op::ReturnNone, 3, 0, STOP),
        e(Op::MakeFunction, 2, 0, IS_OPTIONAL_TUPLE),
        e(Op::MakeFunction, 2, 1, IS_OPTIONAL_DICT),
        e(Op::MakeFunction, 2, 2, ARE_CELLS),
        e(Op::MakeFunction, 1, 0, IS_CODE),
        e(Op::Yield, 3, 0, SUSPENDS),
        e(Op::YieldFrom, 3, 0, SUSPENDS),
        e(Op::YieldFrom, 1, 0, READ),
        e(Op::YieldFrom, 1, 1, READ),
        e(Op::BuildList, 1, 0, READ_MANY),
        e(Op::BuildList, 0, 0, PUT + LIST),
        e(Op::BuildTuple, 1, 0, READ_MANY),
        e(Op::BuildTuple, 0, 0, PUT + TUPLE),
        e(Op::BuildSet, 1, 0, READ_MANY),
        e(Op::BuildSet, 0, 0, PUT + SET),
        e(Op::BuildDict, 1, 0, READ_PAIRS),
        e(Op::BuildDict, 0, 0, PUT + DICT),
        e(Op::BuildSlice, 1, 0, READ),
        e(Op::BuildSlice, 1, 1, READ),
        e(Op::BuildSlice, 1, 2, READ),
        e(Op::BuildString, 1, 0, READ_MANY),
        e(Op::FormatValue, 2, 0, AT_MOST + 3),
        e(Op::FormatValue, 1, 0, READ),
        e(Op::FormatValue, 1, 1, READ_OPTIONAL),
        e(Op::BuildTemplate, 1, 0, IS + TUPLE),
        e(Op::BuildTemplate, 1, 1, IS + TUPLE),
        e(Op::BuildInterpolation, 2, 0, AT_MOST + 3),
        e(Op::BuildInterpolation, 1, 0, READ),
        e(Op::BuildInterpolation, 1, 1, READ),
        e(Op::BuildInterpolation, 1, 2, READ_OPTIONAL),
        e(Op::ListAppend, 0, 0, IS + LIST),
        e(Op::ListExtend, 0, 0, IS + LIST),
        e(Op::ListToTuple, 1, 0, IS + LIST),
        e(Op::ListToTuple, 0, 0, PUT + TUPLE),
        e(Op::SetAdd, 0, 0, IS + SET),
        e(Op::SetUpdate, 0, 0, IS + SET),
        e(Op::DictSet, 0, 0, IS + DICT),
        e(Op::DictUpdate, 0, 0, IS + DICT),
        e(Op::DictMerge, 0, 0, IS + DICT),
        e(Op::UnpackSequence, 0, 0, PUT_MANY),
        e(Op::UnpackEx, 0, 0, PUT_STARRED),
        e(Op::EnterHandler, 0, 0, IS + EXCEPTION),
        e(Op::EnterHandler, 0, 1, PUT + HANDLED),
        e(Op::LeaveHandler, 0, 1, IS + HANDLED),
        e(Op::JumpNoMatch, 0, 0, IS + EXCEPTION),
        // None where there is none; the jumps on that come before any other use.
        e(Op::SplitGroup, 0, 0, IS + EXCEPTION),
        e(Op::SplitGroup, 0, 1, READ),
        e(Op::SplitGroup, 0, 2, PUT + EXCEPTION),
        e(Op::Raise, 3, 0, STOP),
        e(Op::RaiseFrom, 3, 0, STOP),
        e(Op::Reraise, 3, 0, STOP),
        e(Op::Reraise, 0, 0, IS + EXCEPTION),
        e(Op::RaiseAgain, 3, 0, STOP),
        e(Op::ExcInfo, 1, 0, IS + EXCEPTION),
        e(Op::ExcInfo, 0, 0, PUT + VALUE),
        e(Op::ExcInfo, 0, 1, PUT + VALUE),
        e(Op::ExcInfo, 0, 2, PUT + VALUE),
        e(Op::RaiseGroup, 0, 0, IS + LIST),
        e(Op::RaiseGroup, 0, 1, READ),
        e(Op::RaiseGroup, 0, 2, READ),
        e(Op::ImportName, 1, 0, READ),
        e(Op::ImportName, 1, 1, READ),
        e(Op::ImportStar, 3, 0, IN_NAMESPACE),
        e(Op::MatchKeys, 1, 0, READ),
        e(Op::MatchKeys, 1, 1, IS + TUPLE),
        e(Op::MatchClass, 3, 0, ARE_NAMES),
        e(Op::MatchClass, 1, 0, READ),
        e(Op::MatchClass, 1, 1, READ),
        e(Op::DictRest, 2, 0, IS + TUPLE),
    ]
};

/// An act as it is in the image.
#[derive(Clone, Copy)]
pub struct Entry {
    /// How far behind the register that the operand names, four times where in the instruction the operand is, and
    /// [`Entry::WIDE`] for one of two bytes.
    pub place: u8,
    /// One of [`act`].
    pub act: u8,
}

impl Entry {
    /// The operand has two bytes.
    pub const WIDE: u8 = 32;
}

/// What is done for an opcode, as it is in the image: the length of the instruction, how many entries there are, which is
/// the first, from the highest bits on.
#[derive(Clone, Copy)]
pub struct Head(u16);

impl Head {
    /// Of no opcode.
    pub const NONE: Head = Head(0);

    /// Bytes of the instruction; 0 for [`Head::NONE`].
    #[allow(clippy::len_without_is_empty, reason = "no instruction is empty")]
    pub fn len(self) -> usize {
        usize::from(self.0 >> 12)
    }

    /// What is done, in that order.
    pub fn entries(self) -> &'static [Entry] {
        let first = usize::from(self.0 & 0x1ff);
        ENTRIES.get(first..first + usize::from(self.0 >> 9 & 7)).unwrap_or_default()
    }
}

/// The entries of all opcodes while they are collected.
struct Lists {
    heads: [Head; Op::ALL.len()],
    entries: [Entry; 512],
    len: usize,
}

impl Lists {
    /// Adds the entries of the opcodes, each list of them once.
    const fn of_all() -> Lists {
        let none = Entry { place: 0, act: 0 };
        let mut lists = Lists { heads: [Head::NONE; Op::ALL.len()], entries: [none; 512], len: 0 };
        let (mut op, mut effect) = (0, 0);
        while op < Op::ALL.len() {
            let shape = Op::ALL[op].operands();
            let mut jump = none;
            let first = lists.len;
            let mut n = 4;
            while n > 0 {
                n -= 1;
                let (mut at, mut before) = (1, 0);
                while before < n && before < shape.len() {
                    at += shape[before].size() as u8;
                    before += 1;
                }
                let wide = n < shape.len() && shape[n].size() == 2;
                let place = at * 4 + if wide { Entry::WIDE } else { 0 };
                let mut plain = true;
                while effect < EFFECTS.len()
                    && EFFECTS[effect].op as usize == op
                    && EFFECTS[effect].operand as usize == n
                {
                    let Effect { offset, act, .. } = EFFECTS[effect];
                    lists.push(Entry { place: place + offset, act });
                    plain = false;
                    effect += 1;
                }
                if n >= shape.len() {
                    continue;
                }
                match shape[n] {
                    Operand::In if plain => lists.push(Entry { place, act: act::READ }),
                    Operand::Out if plain => {
                        assert!(n == 0);
                        lists.push(Entry { place, act: act::PUT + kind::VALUE });
                    }
                    Operand::Const => lists.push(Entry { place, act: act::IS_CONST }),
                    Operand::Name => lists.push(Entry { place, act: act::IS_NAME }),
                    Operand::Far => lists.push(Entry { place, act: act::IS_FAR }),
                    Operand::Jump => jump = Entry { place, act: act::JUMP },
                    Operand::InOut | Operand::Base => assert!(!plain),
                    _ => {}
                }
            }
            if jump.act == act::JUMP {
                lists.push(jump);
            }
            let n = lists.len - first;
            let same = lists.find(first);
            if same < first {
                lists.len = first;
            }
            assert!(same < 512 && n < 8);
            lists.heads[op] = Head((Op::ALL[op].len() << 12 | n << 9 | same) as u16);
            op += 1;
        }
        assert!(effect == EFFECTS.len());
        lists
    }

    const fn push(&mut self, entry: Entry) {
        self.entries[self.len] = entry;
        self.len += 1;
    }

    /// Where what is there from `first` on is for the first time.
    const fn find(&self, first: usize) -> usize {
        let mut at = 0;
        let mut n = 0;
        while first + n < self.len {
            let (a, b) = (self.entries[at + n], self.entries[first + n]);
            if a.place == b.place && a.act == b.act {
                n += 1;
            } else {
                (at, n) = (at + 1, 0);
            }
        }
        at
    }
}

const LISTS: Lists = Lists::of_all();

/// By opcode.
pub static HEADS: [Head; Op::ALL.len()] = LISTS.heads;

static ENTRIES: [Entry; LISTS.len] = {
    let mut entries = [LISTS.entries[0]; LISTS.len];
    let mut i = 0;
    while i < entries.len() {
        entries[i] = LISTS.entries[i];
        i += 1;
    }
    entries
};
