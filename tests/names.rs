//! The compiler knows no layer: the text of `macros/` holds no name of one that the library has.

use std::fs;
use std::path::{Path, PathBuf};

/// All files under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The structs that a file declares.
fn declared(text: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("pub struct "));
    names.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect()).collect()
}

#[test]
fn the_macros_name_no_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = ["runtime/layers", "runtime/losses"].map(|folder| files(&root.join(folder))).concat();
    let layers: Vec<String> = library.iter().flat_map(|path| declared(&fs::read_to_string(path).unwrap())).collect();
    assert!(layers.len() >= 35 && layers.iter().any(|name| name == "Dense"), "{layers:?}");
    let mut found = String::new();
    for path in files(&root.join("macros")) {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            for word in words.filter(|word| layers.iter().any(|name| name == word)) {
                found += &format!("{}:{}: `{word}`\n", path.display(), number + 1);
            }
        }
    }
    assert!(found.is_empty(), "{found}");
}
