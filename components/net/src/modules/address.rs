//! Addresses as Python has them: dotted text, and `(host, port)`.

use core::net::{Ipv4Addr, SocketAddrV4};
use threadsnake_vm::object::{List, Res, Str, Tuple};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc};

use lwip_sys::Errno;

/// Raises `OSError`; `TimeoutError`, which is one, for a time-out.
#[cold]
pub fn raise(vm: &mut Vm, errno: Errno) -> Raise {
    match errno {
        Errno::ETIMEDOUT => vm.raise_with(exc::TIMEOUT_ERROR, &[Value::int(errno.0)]),
        errno => vm.raise_os_error(errno.0),
    }
}

/// The answer, or what it raises.
pub fn or_raise<R>(vm: &mut Vm, answer: Result<R, Errno>) -> Result<R, Raise> {
    answer.map_err(|errno| raise(vm, errno))
}

/// An address as text.
pub fn address_value(vm: &mut Vm, address: Ipv4Addr) -> Res {
    let mut text = Text::default();
    let _ = core::fmt::Write::write_fmt(&mut text, format_args!("{address}"));
    vm.new_str(text.as_str())
}

/// `(address, port)`.
pub fn end_point_value(vm: &mut Vm, end_point: SocketAddrV4) -> Res {
    let address = address_value(vm, *end_point.ip())?;
    vm.new_tuple(&[address, Value::int(end_point.port().into())])
}

/// An argument that is dotted text; empty text is any address. `ValueError` for other text.
pub fn address_arg(vm: &mut Vm, v: Value) -> Result<Ipv4Addr, Raise> {
    let text = vm.expect::<Str>(v, &threadsnake_vm::types::str::STR)?;
    match text.as_str() {
        "" => Ok(Ipv4Addr::UNSPECIFIED),
        text => match text.parse() {
            Ok(address) => Ok(address),
            Err(_) => Err(vm.raise(exc::VALUE_ERROR, "invalid IP address")),
        },
    }
}

/// An argument that is a port number; `ValueError` outside 0 to 65535.
pub fn port_arg(vm: &mut Vm, v: Value) -> Result<u16, Raise> {
    let port = vm.index(v)?;
    match u16::try_from(port) {
        Ok(port) => Ok(port),
        Err(_) => Err(vm.raise(exc::VALUE_ERROR, "invalid port")),
    }
}

/// An argument that is a tuple or list of `N` items: `TypeError`, `ValueError` for another length.
pub fn items_arg<const N: usize>(vm: &mut Vm, v: Value) -> Result<[Value; N], Raise> {
    let items = match (vm.cast::<Tuple>(v), vm.cast::<List>(v)) {
        (Some(tuple), _) => <[Value; N]>::try_from(tuple.items()),
        (_, Some(list)) => <[Value; N]>::try_from(list.items(vm)),
        _ => return Err(vm.raise(exc::TYPE_ERROR, "tuple or list required")),
    };
    items.map_err(|_| vm.raise_fmt(exc::VALUE_ERROR, format_args!("{N} items required")))
}

/// An argument that is `(address, port)`, a tuple or list.
pub fn end_point_arg(vm: &mut Vm, v: Value) -> Result<SocketAddrV4, Raise> {
    let [address, port] = items_arg(vm, v)?;
    let address = address_arg(vm, address)?;
    let port = port_arg(vm, port)?;
    Ok(SocketAddrV4::new(address, port))
}

/// The longest dotted text.
#[derive(Default)]
struct Text {
    bytes: [u8; 15],
    len: usize,
}

impl Text {
    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl core::fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let room = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}
