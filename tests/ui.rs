//! What the compiler says to whoever makes a mistake, and what passes just across the line.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the messages anew: read every one of them before it is committed.

#[test]
fn mistakes_are_told_and_their_neighbours_pass() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/*/pass/*.rs");
    cases.compile_fail("tests/ui/*/fail/*.rs");
}
