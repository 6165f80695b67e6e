//! Synthetic registers: what they promise of numbers, lives, mistakes and bytes.

mod bytes;
mod dimension;
mod links;
mod lives;
mod mistakes;
mod naive;
mod numbers;
mod read;
mod refusals;
