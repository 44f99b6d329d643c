//! Every layer and every loss against five-point central differences in f64, by all inputs and all parameters, in many
//! configurations; and one sample alone against the same one in a batch, where another layout is in use. (A package of its own, so that hundreds of networks compile without optimisation.)
#![cfg(test)]

mod alone;
mod ask;
mod flat;
mod joint;
mod layers;
mod losses;
mod mixed;
mod windows;
