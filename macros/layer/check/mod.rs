//! What the language's page refuses and the build could not see yet, each mistake at the user's token, all of them at once.
//!
//! Input: a layer as it was written, as far as it could be built. What is missing in it was reported, and nothing is concluded
//! from it. Output: the classes of differentiability. After this pass there are no user errors any more, but for those that
//! depend on the fields: they are asserted where the layer stands, from the same bounds.

mod integers;
mod messages;
mod ranges;
mod reach;
mod samples;
#[cfg(test)]
mod tests;
pub(super) mod walk;

use super::build::Built;
use super::classify::{Classes, classify};
use super::ir::Layer;
use crate::error::Errors;
use samples::Samples;

pub(crate) fn check(built: &Built, errors: &mut Errors) -> Classes {
    let Built { layer, missing } = built;
    let tainted = &missing.tainted(layer);
    let mut sound: Layer = layer.clone();
    sound.definitions.retain(|definition| !missing.requirements && !tainted.contains(&definition.tensor));
    let classes = classify(&sound);
    reach::used(layer, missing, errors);
    reach::parameters(layer, &classes, missing, errors);
    reach::surrogates(layer, errors);
    reach::draws(layer, errors);
    if !missing.requirements {
        let samples = Samples::of(layer);
        ranges::reads(layer, &samples, tainted, errors);
        ranges::means(layer, &samples, tainted, errors);
        integers::values(layer, &samples, tainted, errors);
        integers::outside(layer, &samples, errors);
    }
    classes
}
