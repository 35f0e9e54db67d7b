use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, Ident, LitStr, parse_quote};

use crate::container::Container;
use crate::doc;
use crate::field::{Default, Field, Place};
use crate::members;
use crate::names::written;

/// Writes a twin of the type with serde's and schemars' attributes, and both traits by way of it.
pub(crate) fn derive(input: DeriveInput) -> syn::Result<TokenStream> {
    let container = Container::parse(&input.attrs)?;
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(
            input.generics,
            "a config has no type parameters",
        ));
    }
    let name = input.ident.clone();
    let mut twin = input;
    twin.ident = format_ident!("{name}Twin");
    twin.vis = syn::Visibility::Inherited;
    let (mut defaults, mut own_members, mut is_flattening) = (Vec::new(), None, false);
    match &mut twin.data {
        Data::Struct(data) => {
            is_flattening = members::is_flattening(data)?;
            own_members = Some(members::derive(&name, data, &container)?);
            for (index, field) in data.fields.iter_mut().enumerate() {
                defaults.extend(dress(field, index)?);
            }
        }
        Data::Enum(data) => dress_variants(data, &container, &mut twin.attrs)?,
        Data::Union(_) => {
            return Err(syn::Error::new_spanned(
                name,
                "a config is a struct or an enum",
            ));
        }
    }
    dress_container(&mut twin, &name, &container, is_flattening);
    let (twin_name, is_open) = (&twin.ident, container.open);
    let read = match is_flattening {
        false => quote!(#twin_name::deserialize(deserializer)),
        true => quote! {
            let members = ::jackfield_plugin_sdk::derived::members::<Self, D>(deserializer, #is_open)?;
            #twin_name::deserialize(members).map_err(serde::de::Error::custom)
        },
    };
    Ok(quote! {
        const _: () = {
            use ::jackfield_plugin_sdk::derived::{schemars, serde};

            #[derive(serde::Deserialize, schemars::JsonSchema)]
            #[allow(dead_code)]
            #twin

            #(#defaults)*

            #own_members

            #[automatically_derived]
            impl<'de> serde::Deserialize<'de> for #name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                    #read
                }
            }

            #[automatically_derived]
            impl schemars::JsonSchema for #name {
                fn schema_name() -> ::std::borrow::Cow<'static, str> {
                    <#twin_name as schemars::JsonSchema>::schema_name()
                }

                fn schema_id() -> ::std::borrow::Cow<'static, str> {
                    ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)).into()
                }

                fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    <#twin_name as schemars::JsonSchema>::json_schema(generator)
                }
            }
        };
    })
}

fn dress_container(
    twin: &mut DeriveInput,
    name: &Ident,
    container: &Container,
    is_flattening: bool,
) {
    keep_ours_out(&mut twin.attrs);
    let remote = LitStr::new(&name.to_string(), Span::call_site());
    twin.attrs.push(
        parse_quote!(#[serde(remote = #remote, crate = "::jackfield_plugin_sdk::derived::serde")]),
    );
    twin.attrs
        .push(parse_quote!(#[schemars(crate = "::jackfield_plugin_sdk::derived::schemars")]));
    if let Some(label) = &container.label {
        twin.attrs.push(parse_quote!(#[schemars(title = #label)]));
    }
    let is_struct = matches!(twin.data, Data::Struct(_));
    if is_struct && !container.open && !container.is_tagged {
        // serde cannot do both; `members` finds those that are unknown.
        twin.attrs.push(match is_flattening {
            true => parse_quote!(#[schemars(deny_unknown_fields)]),
            false => parse_quote!(#[serde(deny_unknown_fields)]),
        });
    }
    if container.rename_all.is_none() && !container.is_tagged {
        let style = if is_struct { "camelCase" } else { "snake_case" };
        twin.attrs.push(parse_quote!(#[serde(rename_all = #style)]));
    }
}

/// Puts the attributes on a field. Returns the function that makes its default, if there is one.
fn dress(field: &mut syn::Field, index: usize) -> syn::Result<Option<TokenStream>> {
    let settings = Field::parse(&field.attrs)?;
    keep_ours_out(&mut field.attrs);
    let Some(name) = &field.ident else {
        return Ok(None);
    };
    if matches!(settings.place, Place::Flatten) {
        field.attrs.push(parse_quote!(#[serde(flatten)]));
        return Ok(None);
    }
    let schemars = settings.schemars(&name.to_string());
    field.attrs.push(parse_quote!(#schemars));
    if let Some(renamed) = &settings.name {
        field.attrs.push(parse_quote!(#[serde(rename = #renamed)]));
    }
    match &settings.default {
        None => Ok(None),
        Some(Default::Own) => {
            field.attrs.push(parse_quote!(#[serde(default)]));
            Ok(None)
        }
        Some(Default::Expression(value)) => {
            let function = format_ident!("default_{index}");
            let path = LitStr::new(&function.to_string(), Span::call_site());
            field.attrs.push(parse_quote!(#[serde(default = #path)]));
            let (of, value) = (&field.ty, Default::value(value));
            Ok(Some(quote!(fn #function() -> #of { #value })))
        }
    }
}

/// A list of names becomes a plain `enum`, because errors about it then say what there is; what the names mean goes beside
/// it. Other enums keep what serde makes of them.
fn dress_variants(
    data: &mut DataEnum,
    container: &Container,
    attributes: &mut Vec<Attribute>,
) -> syn::Result<()> {
    let is_plain = data
        .variants
        .iter()
        .all(|variant| matches!(variant.fields, Fields::Unit));
    let style = container
        .rename_all
        .as_ref()
        .map_or("snake_case".to_owned(), LitStr::value);
    let mut labels = Vec::new();
    for variant in &mut data.variants {
        let settings = Field::parse(&variant.attrs)?;
        let rust_name = variant.ident.to_string();
        let wrong =
            || syn::Error::new_spanned(&variant.ident, "serde knows no such style of names");
        let name = match &settings.name {
            Some(name) => name.value(),
            None => written(&rust_name, &style).ok_or_else(wrong)?,
        };
        let (label, description) = (settings.label(&rust_name), doc::text(&variant.attrs));
        let description = description.map(|text| quote!(, "description": #text));
        labels.push(quote!({"value": #name, "label": #label #description}));
        keep_ours_out(&mut variant.attrs);
        if let Some(name) = &settings.name {
            variant.attrs.push(parse_quote!(#[serde(rename = #name)]));
        }
        if is_plain {
            variant
                .attrs
                .retain(|attribute| !attribute.path().is_ident("doc"));
        } else {
            for field in &mut variant.fields {
                dress(field, 0)?;
            }
        }
    }
    if is_plain {
        attributes.push(parse_quote!(#[schemars(extend("x-jackfield-labels" = [#(#labels),*]))]));
    }
    Ok(())
}

fn keep_ours_out(attributes: &mut Vec<Attribute>) {
    let ours = ["config", "field", "rest", "body"];
    attributes.retain(|attribute| {
        let is = |name: &str| attribute.path().is_ident(name);
        is("doc")
            || is("serde")
            || is("schemars")
            || is("cfg")
            || (is("deprecated") && !ours.iter().any(|name| is(name)))
    });
}
