//! Paths that lead to no regular file: an error at once, never a wait.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use chainrule::checkpoint::{Expected, Options, Tensor, load, save};

use crate::Scratch;

const NETWORK: [Expected; 1] = [Expected { name: "w", shape: &[1] }];

/// The message, which has to come soon.
fn promptly(act: impl FnOnce() -> String + Send + 'static) -> String {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || send.send(act()));
    receive.recv_timeout(Duration::from_secs(10)).expect("it hangs")
}

#[test]
fn odd_paths_are_refused_at_once() {
    let scratch = Scratch::new();
    let pipe = scratch.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (ring, knot) = (scratch.path("ring"), scratch.path("knot"));
    symlink(&ring, &knot).unwrap();
    symlink(&knot, &ring).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(scratch.path("socket")).unwrap();

    let table = [
        (scratch.0.clone(), "found a directory", "found a directory"),
        (pipe, "found a pipe", "found a pipe"),
        (scratch.path("socket"), "found a socket", "found a socket"),
        (Path::new("/dev/zero").to_owned(), "found a device", "found a device"),
        (Path::new("/dev/full").to_owned(), "found a device", "found a device"),
        (ring, "symbolic link", "symbolic link"),
        (scratch.path("none/w"), "No such file", "create the directory first"),
        ("".into(), "No such file", "No such file"),
    ];
    for (path, reading, writing) in table {
        let named = format!("`{}`: ", path.display());
        let at = path.clone();
        let message = promptly(move || load::<f32>(&at, &NETWORK, Options::default()).unwrap_err().to_string());
        assert!(message.starts_with(&named) && message.contains(reading), "{message}");
        let message = promptly(move || save::<f32>(&path, &[], &[]).unwrap_err().to_string());
        assert!(message.starts_with(&named) && message.contains(writing), "{message}");
    }
}

#[test]
fn a_symbolic_link_is_followed_and_stays() {
    let scratch = Scratch::new();
    let (file, link) = (scratch.path("file"), scratch.path("link"));
    std::fs::write(&file, "old").unwrap();
    symlink("file", &link).unwrap();
    save(&link, &[Tensor { name: "w", shape: &[1], values: &[1.5_f32] }], &[]).unwrap();
    assert!(link.is_symlink());
    for path in [file, link] {
        assert_eq!(load::<f32>(&path, &NETWORK, Options::default()).unwrap().tensors, [[1.5]]);
    }
}
