//! Elements in files: little-endian, and which types are read into which.

/// An element type of networks: `f32` or `f64`. Sealed.
pub trait Stored: Copy + Send + Sync + sealed::Sealed + 'static {
    /// The name of the type in safetensors.
    const DTYPE: &'static str;
    /// Bytes of one element.
    const SIZE: usize;
    #[doc(hidden)]
    fn write(self, out: &mut impl std::io::Write) -> std::io::Result<()>;
    /// To nearest; a finite value beyond the type becomes infinite.
    #[doc(hidden)]
    fn narrow(value: f64) -> Self;
    #[doc(hidden)]
    fn widen(self) -> f64;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

macro_rules! stored {
    ($($float:ident $dtype:literal,)*) => { $(
        impl Stored for $float {
            const DTYPE: &'static str = $dtype;
            const SIZE: usize = size_of::<$float>();
            fn write(self, out: &mut impl std::io::Write) -> std::io::Result<()> {
                out.write_all(&self.to_le_bytes())
            }
            #[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast)]
            fn narrow(value: f64) -> Self {
                value as $float
            }
            fn widen(self) -> f64 {
                f64::from(self)
            }
        }
    )* };
}

stored! { f32 "F32", f64 "F64", }

/// The element type of a tensor in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    F64,
    F32,
    F16,
    Bf16,
}

impl Kind {
    pub(super) fn named(name: &str) -> Option<Self> {
        [("F64", Kind::F64), ("F32", Kind::F32), ("F16", Kind::F16), ("BF16", Kind::Bf16)]
            .into_iter()
            .find_map(|(known, kind)| (known == name).then_some(kind))
    }

    pub(super) fn size(self) -> usize {
        match self {
            Kind::F64 => 8,
            Kind::F32 => 4,
            Kind::F16 | Kind::Bf16 => 2,
        }
    }

    /// The value of an element's bytes; `f64` holds all four types exactly.
    pub(super) fn value(self, bytes: &[u8]) -> f64 {
        let mut raw = [0; 8];
        raw[..bytes.len()].copy_from_slice(bytes);
        let raw = u64::from_le_bytes(raw);
        match self {
            Kind::F64 => f64::from_bits(raw),
            Kind::F32 => f64::from(f32::from_bits(raw as u32)),
            Kind::Bf16 => f64::from(f32::from_bits((raw as u32) << 16)),
            Kind::F16 => half(raw as u16),
        }
    }
}

/// IEEE 754 binary16: 1 sign, 5 exponent and 10 mantissa bits.
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let magnitude = match exponent {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * 2_f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_floats_have_their_values() {
        // from IEEE 754-2019 and numpy.float16
        for (bits, value) in [
            (0x0000, 0.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x03ff, 6.097_555_160_522_461e-5),
            (0x0400, 6.103_515_625e-5),
            (0x3555, 0.333_251_953_125),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
        assert_eq!(Kind::Bf16.value(&[0xc0, 0x3f]), 1.5);
        assert_eq!(Kind::F64.value(&(-0.1_f64).to_le_bytes()), -0.1);
    }
}
