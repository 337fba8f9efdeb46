//! A network and files in memory, for tests.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Mutex;

use threadsnake_storage::volume::{
    DirId, Entry, EntryKind, Errno, FileId, Reply, Request, Stat, Volume, Whence,
};
use threadsnake_vm::object::RomType;

use crate::path::NAME_MAX;
use crate::{Files, Network, Place};

/// One direction of a connection.
#[derive(Default)]
pub struct Pipe {
    pub bytes: VecDeque<u8>,
    pub is_closed: bool,
    /// How many bytes fit.
    pub room: usize,
}

/// An end of a connection, or a listener.
pub struct Socket {
    incoming: Rc<RefCell<Pipe>>,
    outgoing: Rc<RefCell<Pipe>>,
    port: Option<u16>,
    listening: Rc<RefCell<BTreeMap<u16, VecDeque<Socket>>>>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.outgoing.borrow_mut().is_closed = true;
        if let Some(port) = self.port {
            self.listening.borrow_mut().remove(&port);
        }
    }
}

/// The far end of a connection.
pub struct Peer(pub Socket);

impl Peer {
    pub fn send(&self, bytes: &[u8]) {
        self.0.outgoing.borrow_mut().bytes.extend(bytes);
    }

    pub fn received(&self) -> Vec<u8> {
        self.0.incoming.borrow_mut().bytes.drain(..).collect()
    }

    pub fn is_closed(&self) -> bool {
        self.0.incoming.borrow().is_closed
    }

    /// How many bytes the near end may send before it has to wait.
    pub fn set_room(&self, room: usize) {
        self.0.incoming.borrow_mut().room = room;
    }
}

#[derive(Clone, Default)]
pub struct TestNetwork(Rc<RefCell<BTreeMap<u16, VecDeque<Socket>>>>);

impl TestNetwork {
    fn socket(&self, incoming: &Rc<RefCell<Pipe>>, outgoing: &Rc<RefCell<Pipe>>) -> Socket {
        Socket {
            incoming: incoming.clone(),
            outgoing: outgoing.clone(),
            port: None,
            listening: self.0.clone(),
        }
    }

    /// A connection: the server's end and the client's.
    pub fn pair(&self) -> (Socket, Peer) {
        let pipe = || Rc::new(RefCell::new(Pipe { room: 1 << 20, ..Pipe::default() }));
        let (a, b) = (pipe(), pipe());
        (self.socket(&a, &b), Peer(self.socket(&b, &a)))
    }

    /// Connects to a port that is listened on.
    pub fn connect(&self, port: u16) -> Peer {
        let (near, far) = self.pair();
        self.0.borrow_mut().get_mut(&port).expect("nobody listens").push_back(near);
        far
    }

    pub fn listens(&self, port: u16) -> bool {
        self.0.borrow().contains_key(&port)
    }
}

impl Network for TestNetwork {
    type Socket = Socket;

    fn listen(&mut self, port: u16) -> Result<Socket, Errno> {
        let (mut listener, _) = self.pair();
        listener.port = Some(port);
        self.0.borrow_mut().insert(port, VecDeque::new());
        Ok(listener)
    }

    fn accept(&mut self, listener: &mut Socket) -> Result<Socket, Errno> {
        let port = listener.port.unwrap();
        self.0.borrow_mut().get_mut(&port).unwrap().pop_front().ok_or(Errno::EAGAIN)
    }

    fn receive(&mut self, socket: &mut Socket, buf: &mut [u8]) -> Result<usize, Errno> {
        let mut pipe = socket.incoming.borrow_mut();
        let n = pipe.bytes.len().min(buf.len());
        if n == 0 {
            return if pipe.is_closed { Ok(0) } else { Err(Errno::EAGAIN) };
        }
        for (to, from) in buf.iter_mut().zip(pipe.bytes.drain(..n)) {
            *to = from;
        }
        Ok(n)
    }

    fn send(&mut self, socket: &mut Socket, bytes: &[u8]) -> Result<usize, Errno> {
        if socket.incoming.borrow().is_closed {
            return Err(Errno::EIO);
        }
        let mut pipe = socket.outgoing.borrow_mut();
        let n = bytes.len().min(pipe.room.saturating_sub(pipe.bytes.len()));
        if n == 0 {
            return Err(Errno::EAGAIN);
        }
        pipe.bytes.extend(&bytes[..n]);
        Ok(n)
    }

    fn reached_at(&self, _: &Socket, port: u16) -> ([u8; 4], u16) {
        ([192, 168, 1, 1], port)
    }
}

type Tree = BTreeMap<String, Option<Vec<u8>>>;

#[derive(Default)]
struct State {
    /// Files with their contents, directories without.
    tree: Tree,
    open: Vec<Option<(String, usize)>>,
    dirs: Vec<Option<VecDeque<String>>>,
    /// Bytes that still fit.
    room: usize,
}

/// A volume in memory.
pub struct TestVolume(Mutex<State>);

impl TestVolume {
    /// An empty volume that lives for ever.
    pub fn new() -> &'static TestVolume {
        let state = State { room: 1 << 20, ..State::default() };
        Box::leak(Box::new(TestVolume(Mutex::new(state))))
    }

    pub fn set_room(&self, room: usize) {
        self.0.lock().unwrap().room = room;
    }

    pub fn contents(&self, path: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().tree.get(path).cloned().flatten()
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        self.0.lock().unwrap().tree.insert(path.into(), Some(bytes.into()));
    }

    /// How many files and listings are open.
    pub fn open_count(&self) -> usize {
        let state = self.0.lock().unwrap();
        state.open.iter().flatten().count() + state.dirs.iter().flatten().count()
    }
}

impl Volume for TestVolume {
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno> {
        let state = &mut *self.0.lock().unwrap();
        let parent_exists = |tree: &Tree, path: &str| match path.rfind('/') {
            Some(0) | None => true,
            Some(at) => matches!(tree.get(&path[..at]), Some(None)),
        };
        match request {
            Request::Open { path, mode } => {
                match state.tree.get(path) {
                    Some(None) => return Err(Errno::EISDIR),
                    None if !mode.create || !parent_exists(&state.tree, path) => {
                        return Err(Errno::ENOENT);
                    }
                    Some(Some(_)) if !mode.truncate => {}
                    _ => drop(state.tree.insert(path.into(), Some(Vec::new()))),
                }
                let len = state.tree[path].as_ref().map_or(0, Vec::len);
                state.open.push(Some((path.into(), if mode.append { len } else { 0 })));
                let file = FileId(state.open.len() as u32 - 1);
                Ok(Reply::File { file, is_seekable: true })
            }
            Request::Read { file, buf } => {
                let (path, at) = state.open[file.0 as usize].as_mut().unwrap();
                let contents = state.tree[path].as_ref().unwrap();
                let rest = contents.get(*at..).unwrap_or_default();
                let n = rest.len().min(buf.len());
                buf[..n].copy_from_slice(&rest[..n]);
                *at += n;
                Ok(Reply::Count(n))
            }
            Request::Write { file, data } => {
                let (path, at) = state.open[file.0 as usize].as_mut().unwrap();
                let contents = state.tree.get_mut(path).unwrap().as_mut().unwrap();
                let n = data.len().min(state.room);
                if n == 0 {
                    return Err(Errno::ENOSPC);
                }
                state.room -= n;
                contents.resize(contents.len().max(*at + n), 0);
                contents[*at..*at + n].copy_from_slice(&data[..n]);
                *at += n;
                Ok(Reply::Count(n))
            }
            Request::Seek { file, offset, whence: Whence::Start } => {
                state.open[file.0 as usize].as_mut().unwrap().1 = offset as usize;
                Ok(Reply::Position(offset as u64))
            }
            Request::Flush { .. } => Ok(Reply::Done),
            Request::Close { file } => {
                state.open[file.0 as usize].take().expect("closed twice");
                Ok(Reply::Done)
            }
            Request::OpenDir { path } => {
                let prefix = if path == "/" { "/".into() } else { format!("{path}/") };
                let names = state.tree.keys().filter_map(|k| k.strip_prefix(&prefix));
                let names = names.filter(|n| !n.contains('/')).map(String::from).collect();
                state.dirs.push(Some(names));
                Ok(Reply::Dir(DirId(state.dirs.len() as u32 - 1)))
            }
            Request::NextEntry { dir, name } => {
                let Some(next) = state.dirs[dir.0 as usize].as_mut().unwrap().pop_front() else {
                    return Ok(Reply::Entry(None));
                };
                name[..next.len()].copy_from_slice(next.as_bytes());
                let kind = EntryKind::Other;
                Ok(Reply::Entry(Some(Entry { name_len: next.len(), kind, inode: 0, size: None })))
            }
            Request::CloseDir { dir } => {
                state.dirs[dir.0 as usize].take().expect("closed twice");
                Ok(Reply::Done)
            }
            Request::Stat { path } => {
                let (mode, size) = match state.tree.get(path) {
                    _ if path == "/" => (EntryKind::Directory.mode(), 0),
                    Some(None) => (EntryKind::Directory.mode(), 0),
                    Some(Some(contents)) => (EntryKind::File.mode(), contents.len() as u64),
                    None => return Err(Errno::ENOENT),
                };
                Ok(Reply::Stat(Stat { mode, size, times: [1_600_000_000; 3], ..Stat::default() }))
            }
            Request::MakeDir { path } => match state.tree.get(path) {
                Some(_) => Err(Errno::EEXIST),
                None if !parent_exists(&state.tree, path) => Err(Errno::ENOENT),
                None => {
                    state.tree.insert(path.into(), None);
                    Ok(Reply::Done)
                }
            },
            Request::RemoveDir { path } => match state.tree.get(path) {
                Some(None) => {
                    state.tree.remove(path);
                    Ok(Reply::Done)
                }
                Some(_) => Err(Errno::ENOTDIR),
                None => Err(Errno::ENOENT),
            },
            Request::Remove { path } => match state.tree.get(path) {
                Some(Some(_)) => {
                    state.tree.remove(path);
                    Ok(Reply::Done)
                }
                Some(None) => Err(Errno::EISDIR),
                None => Err(Errno::ENOENT),
            },
            Request::Rename { from, to } => {
                let contents = state.tree.remove(from).ok_or(Errno::ENOENT)?;
                state.tree.insert(to.into(), contents);
                Ok(Reply::Done)
            }
            _ => Err(Errno::ENOSYS),
        }
    }

    fn filesystem_type(&self) -> &'static RomType {
        unreachable!("no interpreter here")
    }
}

/// `/flash` in memory, `/py` written in Python; what is uploaded to `/flash/secret` goes to another volume.
pub struct TestFiles(pub &'static TestVolume, pub &'static TestVolume);

impl Files for TestFiles {
    fn find<'p>(&self, path: &'p str) -> Place<'p> {
        match path {
            "/" => Place::Root,
            "/flash" => Place::Volume(0, self.0, "/"),
            "/py" => Place::Foreign,
            _ => match path.strip_prefix("/flash/") {
                Some(_) => Place::Volume(0, self.0, &path["/flash".len()..]),
                None if path.starts_with("/py/") => Place::Foreign,
                None => Place::Nowhere,
            },
        }
    }

    fn find_upload<'p>(&self, path: &'p str) -> Option<(&'static dyn Volume, &'p str)> {
        path.strip_prefix("/flash")
            .filter(|&name| name == "/secret")
            .map(|name| (self.1 as _, name))
    }

    fn mount_name(&self, i: usize, name: &mut heapless::String<NAME_MAX>) -> Option<()> {
        name.push_str(["flash", "py"].get(i)?).ok()
    }
}
