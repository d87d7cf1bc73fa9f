//! The arguments of the program, and its help.

use std::{env, ffi::OsString};

pub(crate) const HELP: &str = "\
Serves JSON documents that two people can edit without losing each other's changes, and a page to edit them.

Usage: documents [ADDRESS]

Arguments:
  ADDRESS          where to listen: a host and a port [default: 127.0.0.1:3000]; port 0 takes a free one

Options:
  -h, --help       prints this help

Environment variables:
  DATABASE_URL     where to keep documents [default: sqlite:documents.sqlite]
                     sqlite:FILE, created if there is none
                     postgres://USER:PASSWORD@HOST/DATABASE, which several instances may share
                     memory:, gone when the program ends
  HEAD_SECONDS     how long to wait for the head of a request [default: 10]
  CONTENT_SECONDS  how long to wait for the content of a request; then the answer is 408 [default: 30]
  BEHIND           the proxy in front that compresses: nginx or apache [default: none]
  RUST_LOG         what to log to standard error, such as info,sqlx=debug [default: info]
";

/// What the command line asks for.
pub(crate) enum Command {
    Help,
    Serve { address: String },
}

impl Command {
    pub(crate) fn from_arguments() -> Result<Self, String> {
        let arguments: Vec<String> = env::args_os().skip(1).map(text).collect::<Result<_, _>>()?;
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match arguments.as_slice() {
            [] => Ok(Self::Serve { address: "127.0.0.1:3000".to_owned() }),
            [.., "-h" | "--help"] | ["-h" | "--help", ..] => Ok(Self::Help),
            [unknown, ..] if unknown.starts_with('-') => Err(unexpected(unknown)),
            [address] => Ok(Self::Serve { address: checked(address)? }),
            [_, unexpected_one, ..] => Err(unexpected(unexpected_one)),
        }
    }
}

fn text(argument: OsString) -> Result<String, String> {
    argument.into_string().map_err(|argument| unexpected(&argument.to_string_lossy()))
}

fn unexpected(argument: &str) -> String {
    format!("unexpected argument `{argument}`; `documents --help` lists the arguments")
}

/// Checks that this is a host and a port. Whether the host has an address is found out by listening.
fn checked(address: &str) -> Result<String, String> {
    match address.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(address.to_owned()),
        _ => Err(format!("{address}: expected a host and a port, such as 127.0.0.1:3000")),
    }
}
