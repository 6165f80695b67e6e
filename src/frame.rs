//! polars frames in and out (feature `polars`).
//!
//! Most who hold a register in Rust or Python hold it in polars. A frame goes
//! in where files would, and a release comes out as frames; in between nothing
//! changes, and nothing in polars' types is kept. So the feature adds two ways
//! in and one way out, and what they make is what the files would have made,
//! byte for byte.
//!
//! ```text
//! DataFrame ── from_frame ▶ Rows ▶ … ▶ Release ── frame ▶ DataFrame
//! LazyFrame ── from_lazy  ▶
//! ```
//!
//! Columns come in where they lie, over the Arrow C data interface; that takes
//! `unsafe`, which is in one room of its own.

mod ffi;
mod release;
mod rows;
