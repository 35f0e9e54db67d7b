use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Fields, LitStr};

use crate::container::Container;
use crate::field::{Field, Place};
use crate::names::written;
use crate::setting::settings;

/// Writes `Serialize` of a part of a body.
pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    if let Data::Enum(data) = &input.data {
        return derive_enum(input, data);
    }
    let mut names = "snake_case".to_owned();
    for setting in settings(&input.attrs, "body")? {
        match setting.is("names") {
            true => names = setting.text()?.value(),
            false => return Err(setting.wrong("there is `names = \"…\"`")),
        }
    }
    let mut puts = Vec::new();
    for field in fields(input)? {
        let settings = Field::parse(&field.attrs)?;
        let Some(ident) = &field.ident else { continue };
        let target = match &settings.place {
            // Nobody shall be told that it is never read.
            Place::Skip => {
                puts.push(quote!(let _ = &self.#ident;));
                continue;
            }
            Place::Flatten => {
                puts.push(quote!(body.put_members(&self.#ident)?;));
                continue;
            }
            Place::Body(Some(target)) => target.value(),
            _ => provider_name(ident, &names)?,
        };
        puts.push(quote!(body.put(#target, &self.#ident)?;));
    }
    let name = &input.ident;
    Ok(quote! {
        #[automatically_derived]
        impl ::jackfield_plugin_sdk::derived::serde::Serialize for #name {
            fn serialize<S: ::jackfield_plugin_sdk::derived::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                let written = (|| {
                    let mut body = ::jackfield_plugin_sdk::derived::Body::default();
                    #(#puts)*
                    ::core::result::Result::Ok(body)
                })();
                ::jackfield_plugin_sdk::derived::Body::serialize(written, serializer)
            }
        }
    })
}

/// Writes a list of names as the config has them: as it reads them, unless `#[field(body = "…")]` says otherwise.
fn derive_enum(input: &DeriveInput, data: &DataEnum) -> syn::Result<TokenStream> {
    let container = Container::parse(&input.attrs)?;
    let style = container
        .rename_all
        .map_or("snake_case".to_owned(), |style| style.value());
    let mut arms = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new_spanned(
                variant,
                "this is derived for enums without fields",
            ));
        }
        let (settings, ident) = (Field::parse(&variant.attrs)?, &variant.ident);
        let given = match &settings.place {
            Place::Body(Some(name)) => Some(name),
            _ => settings.name.as_ref(),
        };
        let name = named(given, ident, &style)?;
        arms.push(quote!(Self::#ident => #name,));
    }
    let name = &input.ident;
    Ok(quote! {
        #[automatically_derived]
        impl ::jackfield_plugin_sdk::derived::serde::Serialize for #name {
            fn serialize<S: ::jackfield_plugin_sdk::derived::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(match self { #(#arms)* })
            }
        }
    })
}

/// The fields of a struct.
pub(crate) fn fields(input: &DeriveInput) -> syn::Result<impl Iterator<Item = &syn::Field>> {
    match &input.data {
        Data::Struct(data) => Ok(data.fields.iter()),
        _ => Err(syn::Error::new_spanned(
            &input.ident,
            "this is derived for structs with named fields",
        )),
    }
}

/// What the provider calls a field that says nothing else.
pub(crate) fn provider_name(field: &syn::Ident, style: &str) -> syn::Result<String> {
    let unknown = || syn::Error::new_spanned(field, format!("there is no style of names {style}"));
    written(&field.to_string(), style).ok_or_else(unknown)
}

/// The name behind the setting, or the provider's usual one.
pub(crate) fn named(name: Option<&LitStr>, field: &syn::Ident, style: &str) -> syn::Result<String> {
    name.map_or_else(|| provider_name(field, style), |name| Ok(name.value()))
}
