//! Statistical disclosure control on numbers.
//!
//! A statistician who has a table, and no register, finds here what the tables of
//! [kobling](https://github.com/kobling/kobling) are protected by. Nothing in this crate
//! knows of persons, plans, files of rows or Arrow: it works on figures and on a
//! [`Structure`](structure::Structure), which says of what inner cells each published
//! one is the sum.
//!
//! | room | what it does | by |
//! |---|---|---|
//! | [`attacker`] | what somebody knows who has a release and all that is public | |
//! | [`suppress`] | which further cells to suppress, so that unsafe ones cannot be computed; with [`proof`]s that they cannot | ESSnet handbook, chapter 4 |
//! | [`audit`] | attacks a pattern of suppression, and shares nothing with what chose it | |
//! | [`perturbation`], [`cell_key`] | the same cell gets the same noise wherever it is published | Fraser and Wooton 2005 |
//! | [`rounding`] | to a base: to the nearest, at random, small counts only | ESSnet handbook, section 5.5; Langsrud and Heldal 2018 |
//! | [`noise`] | discrete Gaussian and Laplace noise, and the account of zCDP | Canonne, Kamath and Steinke 2020 |
//! | [`utility`] | how far what is published is from what is true | ESSnet handbook |
//! | [`watch`] | how a caller follows choosing and auditing, and may stop them | |
//!
//! # Examples
//!
//! A row of three towns and their sum. The first has too few persons; suppressing it
//! only would not help.
//!
//! ```
//! use kobling_sdc::structure::Structure;
//! use kobling_sdc::suppress::{Request, Status, by_count, suppress};
//!
//! # fn main() -> Result<(), kobling_sdc::suppress::SuppressionRefusal> {
//! let structure = Structure::new(3, [vec![0], vec![1], vec![2], vec![0, 1, 2]]);
//! let counts = [2, 17, 40, 59];
//! let wanted = by_count(&structure, &counts);
//! let unsafe_cells = [true, false, false, false];
//! let pattern = suppress(&structure, &Request::new(&unsafe_cells, &wanted))?;
//! assert_eq!(
//!     pattern.status(),
//!     [Status::Primary, Status::Complementary, Status::Safe, Status::Safe]
//! );
//! # Ok(())
//! # }
//! ```

mod error;

pub mod attacker;
pub mod audit;
pub mod cell_key;
pub mod noise;
pub mod perturbation;
pub mod proof;
pub mod rounding;
pub mod structure;
pub mod suppress;
pub mod utility;
pub mod watch;

pub use error::{Error, ErrorKind, Result};
