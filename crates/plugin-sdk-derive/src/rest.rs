use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, Ident, LitStr};

use crate::body::{fields, named};
use crate::field::{Field, Place};
use crate::names::written;
use crate::setting::{Setting, Value, settings};

/// What `#[rest(…)]` says. What it does not know is a method of the table.
struct Table {
    method: &'static str,
    path: LitStr,
    api: TokenStream,
    output: TokenStream,
    name: Option<LitStr>,
    names: String,
    calls: Vec<TokenStream>,
}

/// Writes `Rest`.
pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let table = Table::parse(input)?;
    let mut fills = Vec::new();
    for field in fields(input)? {
        let settings = Field::parse(&field.attrs)?;
        if let Some(ident) = &field.ident {
            fills.extend(fill(ident, &settings.place, &table)?);
        }
    }
    let Table {
        method,
        path,
        api,
        output,
        calls,
        ..
    } = &table;
    let ident = &input.ident;
    let rust_name = ident.to_string();
    let name = match &table.name {
        Some(name) => name.value(),
        None => written(&rust_name, "snake_case").unwrap_or_default(),
    };
    Ok(quote! {
        #[automatically_derived]
        impl ::jackfield_plugin_sdk::Rest for #ident {
            const NAME: &'static str = #name;
            type Output = #output;

            fn table() -> ::jackfield_plugin_sdk::rest::Table {
                ::jackfield_plugin_sdk::rest::Table::new(#api, #method, #path) #(#calls)*
            }

            fn fill(&self, parts: &mut ::jackfield_plugin_sdk::rest::Parts) -> ::jackfield_plugin_sdk::Result<()> {
                #(#fills)*
                ::core::result::Result::Ok(())
            }
        }
    })
}

fn fill(ident: &Ident, place: &Place, table: &Table) -> syn::Result<Option<TokenStream>> {
    let rust_name = ident.to_string();
    let in_path = table.path.value().contains(&format!("{{{rust_name}}}"));
    let name = |name: &Option<LitStr>| named(name.as_ref(), ident, &table.names);
    let (method, name) = match place {
        Place::Usual if in_path => ("path", rust_name),
        Place::Path(given) => ("path", given.as_ref().map_or(rust_name, LitStr::value)),
        Place::Usual if sends_query(table) => ("query", name(&None)?),
        Place::Query(given) => ("query", name(given)?),
        Place::Header(given) => ("header", given.value()),
        Place::Usual => ("body", name(&None)?),
        Place::Body(given) => ("body", name(given)?),
        Place::Limit => return Ok(Some(quote!(parts.limit(&self.#ident)?;))),
        Place::Cursor => return Ok(Some(quote!(parts.cursor(&self.#ident)?;))),
        Place::Flatten if sends_query(table) => {
            return Ok(Some(quote!(parts.query_members(&self.#ident)?;)));
        }
        Place::Flatten => return Ok(Some(quote!(parts.body_members(&self.#ident)?;))),
        // Nobody shall be told that it is never read.
        Place::Skip => return Ok(Some(quote!(let _ = &self.#ident;))),
    };
    let method = Ident::new(method, Span::call_site());
    Ok(Some(quote!(parts.#method(#name, &self.#ident)?;)))
}

/// Whether what has no other place goes into the query.
fn sends_query(table: &Table) -> bool {
    matches!(table.method, "GET" | "HEAD" | "DELETE")
}

impl Table {
    fn parse(input: &DeriveInput) -> syn::Result<Self> {
        let missing = |what: &str| {
            syn::Error::new_spanned(&input.ident, format!("#[rest(…)] says nothing of {what}"))
        };
        let (mut route, mut api, mut output, mut name, mut names) = (None, None, None, None, None);
        let mut calls = Vec::new();
        for setting in settings(&input.attrs, "rest")? {
            match setting.name.to_string().as_str() {
                "get" => route = Some(("GET", setting.text()?)),
                "post" => route = Some(("POST", setting.text()?)),
                "put" => route = Some(("PUT", setting.text()?)),
                "patch" => route = Some(("PATCH", setting.text()?)),
                "delete" => route = Some(("DELETE", setting.text()?)),
                "api" => api = Some(setting.expression()?.clone()),
                "output" => output = Some(setting.expression()?.clone()),
                "name" => name = Some(setting.text()?),
                "names" => names = Some(setting.text()?.value()),
                _ => calls.push(call(&setting)),
            }
        }
        let (method, path) =
            route.ok_or_else(|| missing("a method and path: write `post = \"/v1/customers\"`"))?;
        Ok(Self {
            method,
            path,
            api: api.ok_or_else(|| missing("whose API it is: write `api = api()`"))?,
            output: output.ok_or_else(|| missing("what it returns: write `output = Customer`"))?,
            name,
            names: names.unwrap_or_else(|| "snake_case".to_owned()),
            calls,
        })
    }
}

fn call(Setting { name, value }: &Setting) -> TokenStream {
    match value {
        Value::None => quote!(.#name()),
        Value::Expression(argument) | Value::Arguments(argument) => quote!(.#name(#argument)),
    }
}
