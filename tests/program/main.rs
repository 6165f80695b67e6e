//! The program, as its users meet it.

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "cli")]
mod command_line;
mod licences;
#[cfg(feature = "cli")]
mod new_user;
mod secrets;
mod surface;
