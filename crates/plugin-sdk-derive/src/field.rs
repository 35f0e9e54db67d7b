use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Ident, Lit, LitStr};

use crate::names::{label, written};
use crate::setting::{Setting, Value, settings};

/// What `#[field(…)]` says about a field: its form, and where its value goes in a request.
#[derive(Default)]
pub(crate) struct Field {
    pub(crate) name: Option<LitStr>,
    label: Option<LitStr>,
    /// What goes into `x-jackfield`, as members of a JSON object.
    hints: Vec<TokenStream>,
    /// What goes into schemars' attribute.
    schema: Vec<TokenStream>,
    range: Vec<TokenStream>,
    length: Vec<TokenStream>,
    pub(crate) default: Option<Default>,
    pub(crate) place: Place,
}

pub(crate) enum Default {
    /// The type's own.
    Own,
    Expression(TokenStream),
}

/// Where a field's value goes.
#[derive(Default)]
pub(crate) enum Place {
    /// Where its operation puts fields, or into the path when that names it.
    #[default]
    Usual,
    Path(Option<LitStr>),
    Query(Option<LitStr>),
    Header(LitStr),
    Body(Option<LitStr>),
    /// It limits how many items are collected.
    Limit,
    /// It says from where on items are collected.
    Cursor,
    /// Its members go where they would go if they stood in its place.
    Flatten,
    /// Nowhere.
    Skip,
}

const KNOWN: &str = "there is no such setting; a form's are label, placeholder, secret, widget, language, options, resource, message_template, depends_on, \
    shown_when, advanced, example, default, name, min, max, min_length, max_length, pattern, format; a request's are path, \
    query, header, body, limit, cursor, flatten, skip";

impl Field {
    pub(crate) fn parse(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut field = Self::default();
        for setting in settings(attributes, "field")? {
            if !field.put_form(&setting)?
                && !field.put_schema(&setting)?
                && !field.put_place(&setting)?
            {
                return Err(setting.wrong(KNOWN));
            }
        }
        Ok(field)
    }

    fn put_form(&mut self, setting: &Setting) -> syn::Result<bool> {
        match setting.name.to_string().as_str() {
            "label" => self.label = Some(setting.text()?),
            "secret" => self.schema.push(quote!(extend("writeOnly" = true))),
            name @ ("placeholder" | "widget" | "language") => {
                let text = setting.text()?;
                self.hints.push(quote!(#name: #text));
            }
            "options" => {
                let source = setting.text()?;
                self.hints.push(quote!("options": #source));
            }
            "resource" => {
                let resource_type = setting.text()?;
                self.hints.push(quote!("resource": #resource_type));
            }
            "message_template" => {
                let channel = setting.text()?;
                self.hints.push(quote!("messageTemplate": #channel));
                // The fields that it fills go into the request.
                self.place = Place::Skip;
            }
            "depends_on" => {
                let names = members(setting)?;
                self.hints.push(quote!("dependsOn": [#(#names),*]));
            }
            "shown_when" => {
                let conditions = setting.nested()?;
                let conditions = conditions.iter().map(|condition| {
                    let name = member(&condition.name);
                    let values = condition.expression()?;
                    let is_list = values.to_string().starts_with('[');
                    let values = if is_list {
                        values.clone()
                    } else {
                        quote!([#values])
                    };
                    Ok(quote!(#name: #values))
                });
                let conditions = conditions.collect::<syn::Result<Vec<_>>>()?;
                self.hints.push(quote!("shownWhen": {#(#conditions),*}));
            }
            "advanced" => self.hints.push(quote!("advanced": true)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn put_schema(&mut self, setting: &Setting) -> syn::Result<bool> {
        match setting.name.to_string().as_str() {
            "example" => {
                let example = setting.expression()?;
                self.schema.push(quote!(example = #example));
            }
            "default" => {
                self.default = Some(match &setting.value {
                    Value::None => Default::Own,
                    _ => Default::Expression(setting.expression()?.clone()),
                });
            }
            "name" => self.name = Some(setting.text()?),
            limit @ ("min" | "max") => {
                let (limit, value) = (Ident::new(limit, setting.span()), setting.expression()?);
                self.range.push(quote!(#limit = #value));
            }
            limit @ ("min_length" | "max_length") => {
                let limit = limit.trim_end_matches("_length");
                let (limit, value) = (Ident::new(limit, setting.span()), setting.expression()?);
                self.length.push(quote!(#limit = #value));
            }
            "pattern" => {
                let pattern = setting.text()?;
                self.schema.push(quote!(regex(pattern = #pattern)));
            }
            "format" => {
                let format = setting.text()?;
                self.schema.push(quote!(extend("format" = #format)));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn put_place(&mut self, setting: &Setting) -> syn::Result<bool> {
        self.place = match setting.name.to_string().as_str() {
            "path" => Place::Path(setting.optional_text()?),
            "query" => Place::Query(setting.optional_text()?),
            "header" => Place::Header(setting.text()?),
            "body" => Place::Body(setting.optional_text()?),
            "limit" => Place::Limit,
            "cursor" => Place::Cursor,
            "flatten" => Place::Flatten,
            "skip" => Place::Skip,
            _ => return Ok(false),
        };
        Ok(true)
    }

    /// What a form shows beside it.
    pub(crate) fn label(&self, rust_name: &str) -> String {
        self.label
            .as_ref()
            .map_or_else(|| label(rust_name), LitStr::value)
    }

    /// schemars' attribute.
    pub(crate) fn schemars(&self, rust_name: &str) -> TokenStream {
        let (label, schema, hints) = (self.label(rust_name), &self.schema, &self.hints);
        let limits = |name: TokenStream, limits: &[TokenStream]| {
            (!limits.is_empty()).then(|| quote!(, #name(#(#limits),*)))
        };
        let (range, length) = (
            limits(quote!(range), &self.range),
            limits(quote!(length), &self.length),
        );
        let hints = (!hints.is_empty()).then(|| quote!(, extend("x-jackfield" = {#(#hints),*})));
        quote!(#[schemars(title = #label #(, #schema)* #range #length #hints)])
    }
}

/// The names of fields in parentheses, as members of the config.
fn members(setting: &Setting) -> syn::Result<Vec<String>> {
    Ok(setting
        .nested()?
        .iter()
        .map(|setting| member(&setting.name))
        .collect())
}

fn member(field: &Ident) -> String {
    written(&field.to_string(), "camelCase").unwrap_or_default()
}

impl Default {
    /// The value, where a text may stand for anything that is made from one.
    pub(crate) fn value(tokens: &TokenStream) -> TokenStream {
        match syn::parse2::<Lit>(tokens.clone()) {
            Ok(Lit::Str(text)) => quote!(::core::convert::Into::into(#text)),
            _ => tokens.clone(),
        }
    }
}
