//! Talking to the debugger's end of an emulated machine: stop it at an address, read and change its
//! memory, let it go.
//!
//! Source: the GDB manual, appendix E, "GDB Remote Serial Protocol". Only what is needed of it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// A machine answers at once, unless it runs.
const LIMIT: Duration = Duration::from_secs(10);

/// How often it is tried to reach a machine that is just being started.
const RETRY: Duration = Duration::from_millis(20);

/// A machine under our control.
pub(crate) struct Stub {
    stream: TcpStream,
}

/// A TCP port nobody uses now.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|bound| bound.local_addr());
    listener
        .map(|address| address.port())
        .map_err(|error| Error::Failed(format!("no free TCP port for gdb: {error}")))
}

impl Stub {
    /// Reaches the machine that waits at `port`.
    pub(crate) fn connect(port: u16) -> io::Result<Stub> {
        let end = Instant::now() + LIMIT;
        loop {
            match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_read_timeout(Some(LIMIT))?;
                    return Ok(Stub { stream });
                }
                Err(error) if Instant::now() > end => return Err(error),
                Err(_) => thread::sleep(RETRY),
            }
        }
    }

    /// Lets the machine run until the instruction at `address` is the next.
    pub(crate) fn run_to(&mut self, address: u64, limit: Duration) -> io::Result<()> {
        // A hardware breakpoint: what will be there is not in memory yet.
        self.ask_for_ok(&format!("Z1,{address:x},1"))?;
        self.stream.set_read_timeout(Some(limit))?;
        let stopped = self.ask("c");
        self.stream.set_read_timeout(Some(LIMIT))?;
        let stopped = stopped?;
        if !stopped.starts_with(['S', 'T']) {
            return Err(unexpected(&stopped));
        }
        self.ask_for_ok(&format!("z1,{address:x},1"))
    }

    /// The processor's register with this number; all registers before it have 64 bits.
    pub(crate) fn register(&mut self, number: usize) -> io::Result<u64> {
        let registers = bytes_of(&self.ask("g")?)?;
        let register = registers.as_chunks().0.get(number);
        register
            .map(|bytes| u64::from_le_bytes(*bytes))
            .ok_or_else(|| unexpected("too few registers"))
    }

    /// Memory at a virtual address.
    pub(crate) fn read(&mut self, address: u64, length: usize) -> io::Result<Vec<u8>> {
        let answer = self.ask(&format!("m{address:x},{length:x}"))?;
        let bytes = bytes_of(&answer)?;
        if bytes.len() == length {
            Ok(bytes)
        } else {
            Err(unexpected(&answer))
        }
    }

    /// Changes memory at a virtual address, even what may only be read.
    pub(crate) fn write(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.ask_for_ok(&format!("M{address:x},{:x}:{digits}", bytes.len()))
    }

    /// Lets the machine run on by itself.
    pub(crate) fn let_go(mut self) -> io::Result<()> {
        self.ask_for_ok("D")
    }

    fn ask_for_ok(&mut self, question: &str) -> io::Result<()> {
        match self.ask(question)?.as_str() {
            "OK" => Ok(()),
            answer => Err(unexpected(answer)),
        }
    }

    /// Sends a packet and reads the packet that answers it.
    fn ask(&mut self, question: &str) -> io::Result<String> {
        self.stream.write_all(packet(question).as_bytes())?;
        while self.byte()? != b'$' {}
        let mut answer = Vec::new();
        loop {
            match self.byte()? {
                b'#' => break,
                byte => answer.push(byte),
            }
        }
        // The checksum: the connection is one that loses and changes nothing.
        self.byte()?;
        self.byte()?;
        self.stream.write_all(b"+")?;
        String::from_utf8(answer).map_err(|_| unexpected("an answer that is no text"))
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        Ok(byte[0])
    }
}

fn packet(content: &str) -> String {
    let sum = content.bytes().fold(0, u8::wrapping_add);
    format!("${content}#{sum:02x}")
}

fn bytes_of(digits: &str) -> io::Result<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| {
        let pair = str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| unexpected(digits))
}

fn unexpected(answer: &str) -> io::Error {
    io::Error::other(format!("the emulator answered its debugger `{answer}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_carry_their_sum() {
        assert_eq!(packet("g"), "$g#67");
        assert_eq!(packet("OK"), "$OK#9a");
        assert_eq!(packet("m0,10"), "$m0,10#2a");
    }

    #[test]
    fn digits_are_bytes_and_anything_else_is_refused() {
        assert_eq!(bytes_of("00ff7F").unwrap(), [0, 0xFF, 0x7F]);
        for bad in ["E0g", "x1", "é"] {
            assert!(bytes_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_conversation_reads_writes_and_lets_go() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let machine = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let answers = ["OK", "T05thread:01;", "OK", "0102", "OK", "OK"];
            let mut heard = Vec::new();
            for answer in answers {
                let mut question = Vec::new();
                let mut byte = [0];
                while !question.ends_with(b"#") {
                    stream.read_exact(&mut byte).unwrap();
                    if byte != *b"+" {
                        question.push(byte[0]);
                    }
                }
                stream.read_exact(&mut [0; 2]).unwrap();
                heard.push(String::from_utf8(question).unwrap());
                let reply = format!("+{}", packet(answer));
                stream.write_all(reply.as_bytes()).unwrap();
            }
            heard
        });
        let mut stub = Stub::connect(port).unwrap();
        stub.run_to(0x1000, LIMIT).unwrap();
        assert_eq!(stub.read(0x20, 2).unwrap(), [1, 2]);
        stub.write(0x20, &[0xAB]).unwrap();
        stub.let_go().unwrap();
        assert_eq!(
            machine.join().unwrap(),
            [
                "$Z1,1000,1#",
                "$c#",
                "$z1,1000,1#",
                "$m20,2#",
                "$M20,1:ab#",
                "$D#"
            ]
        );
    }
}
