//! Serves one note by each of several libraries, each on a port of its own, which it prints as `name port`.
//!
//! Each server is written as the library's documentation shows it, by the shortest code that does all it can.
//! `/note` exists and says `version 1`; PUT replaces it, if the library has a way to do that; `/nothing` does not exist.

mod actix;
mod by_hand;
mod conditional;
mod dav;
mod files;
mod ours;

use std::{error::Error, net::Ipv4Addr, path::PathBuf};

use axum::Router;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args().nth(1).ok_or("expected the folder that holds `note`")?.into();
    actix::start()?;
    for (name, app) in [
        ("tower-precondition", ours::app()),
        ("axum-extra typed headers, by hand", by_hand::app()),
        ("axum-conditional-requests", conditional::app()),
        ("tower-http ServeDir", files::app(folder.clone())),
        ("dav-server", dav::app().await),
        // After the others: docs/COMPARE.md counts what these two change, and has no column for them.
        ("ServeDir inside tower-precondition", files::inside(folder)),
        ("dav-server inside tower-precondition", dav::inside().await),
    ] {
        serve(name, app).await?;
    }
    println!("ready");
    std::future::pending().await
}

async fn serve(name: &str, app: Router) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{name}\t{}", listener.local_addr()?.port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(())
}
