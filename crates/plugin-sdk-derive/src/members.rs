use proc_macro2::TokenStream;
use quote::quote;
use syn::{DataStruct, Ident, LitStr};

use crate::container::Container;
use crate::field::{Field, Place};
use crate::names::written;
use crate::setting::settings;

/// Whether members of other configs stand among those of this one.
pub(crate) fn is_flattening(data: &DataStruct) -> syn::Result<bool> {
    for field in &data.fields {
        if matches!(Field::parse(&field.attrs)?.place, Place::Flatten) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes `Members`, so that a config can stand among the members of another one.
pub(crate) fn derive(
    name: &Ident,
    data: &DataStruct,
    container: &Container,
) -> syn::Result<TokenStream> {
    let (mut names, mut checks, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for field in &data.fields {
        let (Some(ident), of) = (&field.ident, &field.ty) else {
            continue;
        };
        let settings = Field::parse(&field.attrs)?;
        let how = Reading::of(field)?;
        match (&settings.place, how) {
            (Place::Flatten, _) => parts.push(of),
            (_, Reading::Never) => {}
            (_, how) => {
                let member = how.name(&settings, ident, container)?;
                checks.push(match how {
                    Reading::ItsOwn => quote!(#member => ::core::result::Result::Ok(true),),
                    _ => quote!(#member => <#of as serde::Deserialize>::deserialize(value).map(|_| true),),
                });
                names.push(member);
            }
        }
    }
    Ok(quote! {
        #[automatically_derived]
        impl ::jackfield_plugin_sdk::derived::Members for #name {
            fn names(names: &mut ::std::vec::Vec<&'static str>) {
                names.extend_from_slice(&[#(#names),*]);
                #(<#parts as ::jackfield_plugin_sdk::derived::Members>::names(names);)*
            }

            #[allow(unused_variables)]
            fn check(
                name: &str,
                value: &::jackfield_plugin_sdk::derived::serde_json::Value,
            ) -> ::jackfield_plugin_sdk::derived::serde_json::Result<bool> {
                match name {
                    #(#checks)*
                    _ => ::core::result::Result::Ok(
                        false #(|| <#parts as ::jackfield_plugin_sdk::derived::Members>::check(name, value)?)*
                    ),
                }
            }
        }
    })
}

/// How serde was told to read a field.
enum Reading {
    AsItsType(Option<LitStr>),
    /// By a function of the author's.
    ItsOwn,
    Never,
}

impl Reading {
    fn of(field: &syn::Field) -> syn::Result<Self> {
        let mut how = Self::AsItsType(None);
        for setting in settings(&field.attrs, "serde")? {
            match setting.name.to_string().as_str() {
                "skip" | "skip_deserializing" | "flatten" => return Ok(Self::Never),
                "with" | "deserialize_with" => return Ok(Self::ItsOwn),
                "rename" => how = Self::AsItsType(Some(setting.text()?)),
                _ => {}
            }
        }
        Ok(how)
    }

    fn name(&self, settings: &Field, ident: &Ident, container: &Container) -> syn::Result<String> {
        let renamed = match self {
            Self::AsItsType(renamed) => renamed.as_ref(),
            _ => None,
        };
        if let Some(name) = settings.name.as_ref().or(renamed) {
            return Ok(name.value());
        }
        let style = container.rename_all.as_ref().map(LitStr::value);
        let unknown = || syn::Error::new_spanned(ident, "serde knows no such style of names");
        written(&ident.to_string(), style.as_deref().unwrap_or("camelCase")).ok_or_else(unknown)
    }
}
