//! A client over one connection for each request.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) content: String,
}

impl Answer {
    /// The value of a field, which must not be repeated.
    pub(crate) fn field(&self, wanted: &str) -> Option<&str> {
        let mut values = self.head.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim())
        });
        let value = values.next();
        assert!(values.next().is_none(), "{wanted} is repeated: {}", self.head);
        value
    }
}

pub(crate) struct Client {
    address: String,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.to_owned() }
    }

    pub(crate) fn put(&self, path: &str, condition: &str, content: &str) -> Answer {
        self.send("PUT", path, &format!("Content-Type: application/json\r\n{condition}\r\n"), content)
    }

    /// Sends a request; `fields` are lines with their ends.
    pub(crate) fn send(&self, method: &str, path: &str, fields: &str, content: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let length = match content.len() {
            0 => String::new(),
            length => format!("Content-Length: {length}\r\n"),
        };
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}{length}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(content.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (head, content) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).expect("a status").parse().unwrap();
        Answer { status, head: head.to_owned(), content: content.to_owned() }
    }
}
