//! The macros and the runtime that their expansions name are of one version: Cargo can take no other.

#[test]
fn the_macros_are_pinned() {
    let manifest = include_str!("../../Cargo.toml");
    let macros = manifest.lines().find(|line| line.starts_with("chainrule-macros = ")).expect("a dependency");
    assert!(macros.contains(concat!("version = \"=", env!("CARGO_PKG_VERSION"), "\"")), "{macros}");
}
