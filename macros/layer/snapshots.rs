#[test]
fn show() {
    use super::{print, tests::{WORKED, build, derived}};
    for (name, fields, text) in WORKED {
        let layer = build(fields, text).unwrap();
        eprintln!("## {name}");
        for d in &layer.definitions { eprintln!("  {}", print::definition(&layer, d)); }
        let (layer, _, backward) = derived(fields, text);
        eprintln!("  --");
        for d in &layer.definitions { eprintln!("  {}", print::definition(&layer, d)); }
        eprintln!("  --");
        for d in &backward { eprintln!("  {}", print::definition(&layer, d)); }
    }
}
