//! etag-actix-middleware: tags that are hashed from the response, around an Actix application.

use std::{
    error::Error,
    net::Ipv4Addr,
    sync::{Mutex, mpsc::channel},
    thread,
};

use actix_web::{App, HttpResponse, HttpServer, web};
use etag_actix_middleware::ETag;

struct Note(Mutex<String>);

/// Runs the server on a thread of its own, because Actix has a runtime of its own.
pub fn start() -> Result<(), Box<dyn Error>> {
    let (sender, port) = channel();
    thread::spawn(move || {
        let note = web::Data::new(Note(Mutex::new("version 1".to_owned())));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(note.clone())
                .wrap(ETag::strong())
                .route("/note", web::get().to(read))
                .route("/note", web::head().to(read))
                .route("/note", web::put().to(write))
                .route("/nothing", web::put().to(HttpResponse::Created))
        });
        let server = server.workers(1).disable_signals().bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        sender.send(server.addrs()[0].port()).expect("it is awaited");
        actix_web::rt::System::new().block_on(server.run())
    });
    println!("etag-actix-middleware\t{}", port.recv()?);
    Ok(())
}

async fn read(note: web::Data<Note>) -> HttpResponse {
    HttpResponse::Ok().body(note.0.lock().unwrap().clone())
}

async fn write(note: web::Data<Note>, text: String) -> HttpResponse {
    *note.0.lock().unwrap() = text;
    HttpResponse::NoContent().finish()
}
