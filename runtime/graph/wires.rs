//! A set of wires, known while compiling.

/// A set of wires.
#[derive(Clone, Copy, Debug)]
pub struct Wires([u64; MAX_WIRES / 64]);

impl Wires {
    /// No wire.
    pub const EMPTY: Wires = Wires([0; MAX_WIRES / 64]);

    /// Puts a wire in.
    pub const fn add(&mut self, wire: usize) {
        self.0[wire / 64] |= 1 << (wire % 64);
    }

    /// Puts all of these in.
    pub const fn add_all(&mut self, wires: &[usize]) {
        let mut at = 0;
        while at < wires.len() {
            self.add(wires[at]);
            at += 1;
        }
    }

    /// Whether a wire is in.
    #[must_use]
    pub const fn has(&self, wire: usize) -> bool {
        self.0[wire / 64] >> (wire % 64) & 1 == 1
    }

    /// Whether any of these is in.
    #[must_use]
    pub const fn has_any(&self, wires: &[usize]) -> bool {
        let mut at = 0;
        while at < wires.len() {
            if self.has(wires[at]) {
                return true;
            }
            at += 1;
        }
        false
    }
}

/// The most wires of a network.
pub const MAX_WIRES: usize = 4096;
