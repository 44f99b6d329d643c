//! Layers and losses against central differences.
#![cfg(test)]
