//! Weights that leave: killed, on a full disk, beside others, the old file or the new one stands there whole.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chainrule::checkpoint::{Expected, Options, Tensor, load, save};

use crate::Scratch;

const SHAPE: [usize; 2] = [300, 200];
const PATH: &str = "CHAINRULE_TEST_SAVES_TO";
const READY: &str = "saving from now on";

/// A checkpoint all of whose values are `generation`.
fn write(path: &Path, generation: f32) -> Result<(), chainrule::checkpoint::Error> {
    save(path, &[Tensor { name: "w", shape: &SHAPE, values: &vec![generation; SHAPE.iter().product()] }], &[])
}

/// The generation of the checkpoint there, which has to be whole and of one save.
fn generation(path: &Path) -> f32 {
    let expected = [Expected { name: "w", shape: &SHAPE }];
    let values = load::<f32>(path, &expected, Options::default()).unwrap().tensors.remove(0);
    assert!(values.iter().all(|value| *value == values[0]));
    values[0]
}

fn temporaries(scratch: &Scratch) -> usize {
    scratch.names().iter().filter(|name| name.starts_with(".chainrule-")).count()
}

/// The child of the tests below: saves until it dies. Run as a test of its own it has nothing to save to.
#[test]
fn child_saves_until_it_dies() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    let begun = generation(Path::new(&path));
    println!("{READY}");
    for k in 1.. {
        if let Err(error) = write(Path::new(&path), begun + k as f32) {
            eprintln!("{error}");
            std::process::exit(3);
        }
    }
}

/// This test binary, saving to `path` in a loop, from before this returns.
fn saver(path: &Path, shell: &str) -> Child {
    let mut child = Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$0\" --exact leaving::child_saves_until_it_dies --nocapture")])
        .arg(std::env::current_exe().unwrap())
        .env(PATH, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // the test harness says a line or two before
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains(READY)), "the child does not save");
    child
}

#[test]
fn killed_at_any_moment_it_leaves_the_old_file_or_the_new_one() {
    let scratch = Scratch::new();
    let path = scratch.path("model.safetensors");
    write(&path, 0.0).unwrap();

    let (mut kills_while_writing, mut last) = (0, 0.0);
    for round in 0..40_u64 {
        let mut child = saver(&path, "");
        // moments spread over the steps of the first saves and of later ones
        std::thread::sleep(Duration::from_micros(round * 7_919 % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = generation(&path);
        assert!(now >= last, "{now} after {last}");
        last = now;
        kills_while_writing += usize::from(temporaries(&scratch) > 0);
    }
    assert!(last > 0.0, "no child ever saved");
    assert!(kills_while_writing > 0, "no kill ever fell into a save");
    write(&path, last).unwrap();
    assert_eq!(scratch.names(), ["model.safetensors"]);
}

#[test]
fn the_temporary_file_of_the_living_is_left_alone() {
    let scratch = Scratch::new();
    let (mine, theirs) = (scratch.path("mine"), scratch.path("theirs"));
    write(&theirs, 0.0).unwrap();
    let mut children = [saver(&theirs, ""), saver(&theirs, "")];
    for k in 0..60 {
        write(&mine, k as f32).unwrap();
    }
    for child in &mut children {
        // had anyone taken its temporary file away, its save would have failed and it would be gone
        assert!(child.try_wait().unwrap().is_none(), "a saver failed");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(generation(&mine), 59.0);
    generation(&theirs);
    for stranger in [".chainrule-1-2.tmp", ".chainrule-notes.tmp", "model.tmp"] {
        std::fs::write(scratch.path(stranger), "").unwrap();
    }
    write(&mine, 60.0).unwrap();
    assert_eq!(scratch.names(), [".chainrule-1-2.tmp", ".chainrule-notes.tmp", "mine", "model.tmp", "theirs"]);
}

#[test]
fn a_disk_without_room_leaves_the_old_file() {
    let scratch = Scratch::new();
    let path = scratch.path("model.safetensors");
    write(&path, 1.0).unwrap();
    // room for 64 blocks of 512 or 1024 bytes, and the file takes 240 kB; ignored, the signal becomes an error of `write`
    let output = saver(&path, "trap '' XFSZ; ulimit -f 64;").wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(message.contains(&format!("`{}`: expected to be able to write the new file", path.display())), "{message}");
    assert!(message.contains("make room"), "{message}");
    assert_eq!(generation(&path), 1.0);
    assert_eq!(scratch.names(), ["model.safetensors"]);
}

#[test]
fn an_existing_files_mode_is_kept() {
    let scratch = Scratch::new();
    let path = scratch.path("model.safetensors");
    write(&path, 0.0).unwrap();
    for mode in [0o600, 0o640, 0o666] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        write(&path, 1.0).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, mode);
    }
}

#[test]
fn a_name_as_long_as_names_can_be() {
    let scratch = Scratch::new();
    let path = scratch.path(&"n".repeat(255));
    write(&path, 2.0).unwrap();
    assert_eq!(generation(&path), 2.0);
}
