//! What the language's page refuses and the build could not see yet, each mistake at the user's token, all of them at once.
//!
//! Input: a layer as it was written, built without errors, and its classes. After this pass there are no user errors any more,
//! but for those that depend on the fields: they are asserted where the layer stands, from the same bounds.

mod integers;
mod messages;
mod ranges;
mod reach;
mod samples;
#[cfg(test)]
mod tests;
mod walk;

use super::classify::Classes;
use super::ir::Layer;
use crate::error::Errors;
use samples::Samples;

/// `is_whole` says that no statement is missing because it could not be read: it might be the one that reads a tensor.
pub(crate) fn check(layer: &Layer, classes: &Classes, is_whole: bool, errors: &mut Errors) {
    if is_whole {
        reach::used(layer, errors);
        reach::parameters(layer, classes, errors);
    }
    reach::surrogates(layer, errors);
    reach::draws(layer, errors);
    let samples = Samples::of(layer);
    ranges::reads(layer, &samples, errors);
    ranges::means(layer, &samples, errors);
    integers::values(layer, &samples, errors);
    integers::outside(layer, &samples, errors);
}
