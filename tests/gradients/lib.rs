//! Every layer and every loss against five-point central differences in f64, by all inputs and all parameters, in many
//! configurations. (A package of its own, so that hundreds of networks compile without optimisation.)
#![cfg(test)]

mod ask;
mod flat;
mod layers;
mod losses;
mod windows;
