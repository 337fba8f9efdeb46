//! The macros that write ROM tables: functions, types and modules of native code, as the statics of `rom.rs`.
//!
//! They are for every crate that brings natives, so paths are absolute and nothing needs to be imported. What a function may do
//! in a hard interrupt handler is told by the room that it is written in (`RomFn::in_room`).

/// A static `RomFn`, as an entry value: `rom_fn!(append, F2(list_append))`.
#[macro_export]
macro_rules! rom_fn {
    ($name:ident, $($call:tt)+) => {{
        static F: $crate::object::RomFn =
            $crate::object::RomFn::new($crate::value::names::q::$name, $crate::rom_call!($($call)+))
                .in_room(module_path!());
        F.rom()
    }};
}

/// As [`rom_entries!`] for a module.
#[macro_export]
macro_rules! rom_module_entries {
    ([$($done:tt)*]) => {{
        const ENTRIES: &[$crate::object::RomEntry] = &[$($done)*];
        ENTRIES
    }};
    ([$($done:tt)*] $(#[$when:meta])* $name:ident = $kind:ident $call:tt; $($rest:tt)*) => {
        $crate::rom_module_entries!([$($done)* $(#[$when])* $crate::object::RomFn::free($crate::value::names::q::$name, $crate::rom_call!($kind $call)).in_room(module_path!()).entry(),] $($rest)*)
    };
    ([$($done:tt)*] $(#[$when:meta])* $name:ident: $value:expr; $($rest:tt)*) => {
        $crate::rom_module_entries!([$($done)* $(#[$when])* $crate::object::RomEntry::constant($crate::value::names::q::$name, $value),] $($rest)*)
    };
}

/// How a table entry's function is called: `F0(f)` … `F3(f)`, `Var(min, max, f)`, `Raw(f)`, `Kw(f; a, b?, *, c?)`
/// (`?` optional, after `*` keyword-only, `_` a positional-only parameter).
#[macro_export]
macro_rules! rom_call {
    (Kw($f:expr; $($params:tt)*)) => {
        $crate::object::NativeFn::Kw(&$crate::object::KwFn {
            params: $crate::rom_params!([] false; $($params)*),
            call: $f,
        })
    };
    ($kind:ident($($arg:expr),*)) => { $crate::object::NativeFn::$kind($($arg),*) };
}

/// The parameters of `rom_call!(Kw(…))`.
#[macro_export]
macro_rules! rom_params {
    ([$($done:expr,)*] $ko:expr; ) => { &[$($done),*] };
    ([$($done:expr,)*] $ko:expr; * $(, $($rest:tt)*)?) => { $crate::rom_params!([$($done,)*] true; $($($rest)*)?) };
    ([$($done:expr,)*] $ko:expr; _ $(, $($rest:tt)*)?) => {
        $crate::rom_params!([$($done,)* $crate::object::Param::new($crate::value::names::q::EMPTY, true, false),] $ko; $($($rest)*)?)
    };
    ([$($done:expr,)*] $ko:expr; $name:ident ? $(, $($rest:tt)*)?) => {
        $crate::rom_params!([$($done,)* $crate::object::Param::new($crate::value::names::q::$name, false, $ko),] $ko; $($($rest)*)?)
    };
    ([$($done:expr,)*] $ko:expr; $name:ident $(, $($rest:tt)*)?) => {
        $crate::rom_params!([$($done,)* $crate::object::Param::new($crate::value::names::q::$name, true, $ko),] $ko; $($($rest)*)?)
    };
}

/// A static method in ROM, as an entry value: `name: rom_static!(name, F1(function));`.
#[macro_export]
macro_rules! rom_static {
    ($name:ident, $($call:tt)+) => {{
        static D: $crate::object::RomStaticMethod =
            $crate::object::RomStaticMethod::new($crate::rom_fn!($name, $($call)+));
        D.rom()
    }};
}

/// The entries of a type or module: `name = F1(function);`, `name: value_expression;` (a `RomValue`); each may have a
/// `#[cfg(…)]`.
#[macro_export]
macro_rules! rom_entries {
    ([$($done:tt)*]) => {{
        const ENTRIES: &[$crate::object::RomEntry] = &[$($done)*];
        ENTRIES
    }};
    ([$($done:tt)*] $(#[$when:meta])* $name:ident = $kind:ident $call:tt; $($rest:tt)*) => {
        $crate::rom_entries!([$($done)* $(#[$when])* $crate::object::RomFn::new($crate::value::names::q::$name, $crate::rom_call!($kind $call)).in_room(module_path!()).entry(),] $($rest)*)
    };
    ([$($done:tt)*] $(#[$when:meta])* $name:ident: $value:expr; $($rest:tt)*) => {
        $crate::rom_entries!([$($done)* $(#[$when])* $crate::object::RomEntry::constant($crate::value::names::q::$name, $value),] $($rest)*)
    };
}

/// Declares a built-in type:
///
/// ```text
/// py_type! {
///     /// Built-in `list`. Source: Python Library Reference, "Mutable Sequence Types".
///     pub static LIST: list, base OBJECT;
///     slots { len: list_len, get_item: list_get_item }
///     entries { append = F2(list_append); pop = Var(1, 2, list_pop); }
/// }
/// ```
///
/// `shared TABLE` at the end adds the entries of a `const TABLE: &[RomEntry]` that several types have.
#[macro_export]
macro_rules! py_type {
    ($(#[$doc:meta])* pub static $ID:ident: $name:ident, base $base:expr;
     slots { $($(#[$condition:meta])* $slot:ident: $value:expr),* $(,)? }
     entries { $($entries:tt)* }) => {
        $(#[$doc])*
        pub static $ID: $crate::object::RomType = $crate::object::RomType::new(
            $crate::value::names::q::$name,
            Some(&$base),
            $crate::rom_slots!($($(#[$condition])* $slot: $value),*),
            $crate::rom_entries!([] $($entries)*),
        )
        .in_room(module_path!());
    };
    ($(#[$doc:meta])* pub static $ID:ident: $name:ident, base $base:expr;
     slots { $($(#[$condition:meta])* $slot:ident: $value:expr),* $(,)? }
     entries { $($entries:tt)* } shared $shared:expr) => {
        $(#[$doc])*
        pub static $ID: $crate::object::RomType = $crate::object::RomType::new(
            $crate::value::names::q::$name,
            Some(&$base),
            $crate::rom_slots!($($(#[$condition])* $slot: $value),*),
            {
                const OWN: &[$crate::object::RomEntry] = $crate::rom_entries!([] $($entries)*);
                const N: usize = OWN.len() + 1;
                static ALL: [$crate::object::RomEntry; N] = $crate::object::join_entries(OWN, $shared);
                &ALL
            },
        )
        .in_room(module_path!());
    };
}

/// The slots of a type; types with the same ones share them.
#[macro_export]
macro_rules! rom_slots {
    ($($(#[$condition:meta])* $slot:ident: $value:expr),*) => {{
        const LIST: $crate::object::SlotList = {
            let list = $crate::object::SlotList::NONE;
            $($(#[$condition])* let list = list.$slot($value);)*
            list
        };
        const PACKED: $crate::object::PackedSlots<{ LIST.count() }> = LIST.pack();
        (&PACKED).slots()
    }};
}

/// Declares a native module:
///
/// ```text
/// py_module! {
///     /// `math`. Source: Python Library Reference, "math".
///     pub static MATH: math, extensible false;
///     entries { sqrt = F1(math_sqrt); pi: PI.rom(); }
/// }
/// ```
#[macro_export]
macro_rules! py_module {
    ($(#[$doc:meta])* pub static $ID:ident: $name:ident, extensible $ext:expr;
     entries { $($entries:tt)* } $(with $with:ident($f:expr))*) => {
        $(#[$doc])*
        pub static $ID: $crate::object::RomModule = $crate::object::RomModule::new(
            $crate::value::names::q::$name, $ext, $crate::rom_module_entries!([] $($entries)*))
            $(.$with($f))*;
    };
}
