//! The derives of `jackfield-plugin-sdk`; its documentation explains them, and it re-exports them.
//!
//! They exist because `schemars` attributes alone say too much and too little: an author would write three attributes per
//! field (serde's default, schemars' title, an `extend` with a JSON object that nobody checks), and would say nothing of
//! where a field goes in a request. `Config` still leaves the schema to schemars: it writes the attributes, on a twin of
//! the type that serde fills by `remote`. `Rest` and `Body` read the same `#[field(…)]`.

mod body;
mod config;
mod container;
mod doc;
mod field;
mod members;
mod names;
mod rest;
mod setting;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Reads a config: derives `Deserialize` and `JsonSchema` with what an editor needs to build a form.
#[proc_macro_derive(Config, attributes(config, field, rest, body, serde, schemars))]
pub fn config(input: TokenStream) -> TokenStream {
    finish(config::derive(parse_macro_input!(input as DeriveInput)))
}

/// Makes an operation of a table: derives `Rest`, and `Serialize` under the provider's names.
#[proc_macro_derive(Rest, attributes(config, field, rest, serde, schemars))]
pub fn rest(input: TokenStream) -> TokenStream {
    finish(rest::derive(&parse_macro_input!(input as DeriveInput)))
}

/// Derives `Serialize` under the provider's names, for a part of a request's body.
#[proc_macro_derive(Body, attributes(config, field, body, serde, schemars))]
pub fn body(input: TokenStream) -> TokenStream {
    finish(body::derive(&parse_macro_input!(input as DeriveInput)))
}

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
