use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Meta, Token, parenthesized};

/// One of the settings in `#[name(setting, setting = value, setting(arguments))]`.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    None,
    /// Behind `=`, up to the next comma.
    Expression(TokenStream),
    /// In parentheses.
    Arguments(TokenStream),
}

/// The settings of all attributes of this name, in order.
pub(crate) fn settings(attributes: &[Attribute], name: &str) -> syn::Result<Vec<Setting>> {
    let mut settings = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(name))
    {
        if let Meta::List(list) = &attribute.meta {
            settings.extend(parse.parse2(list.tokens.clone())?);
        }
    }
    Ok(settings)
}

fn parse(input: ParseStream<'_>) -> syn::Result<Vec<Setting>> {
    let mut settings = Vec::new();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Expression(until_comma(input)?)
        } else if input.peek(syn::token::Paren) {
            let arguments;
            parenthesized!(arguments in input);
            Value::Arguments(arguments.parse()?)
        } else {
            Value::None
        };
        settings.push(Setting { name, value });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(settings)
}

fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    if tokens.is_empty() {
        return Err(input.error("a value is missing behind `=`"));
    }
    Ok(tokens)
}

impl Setting {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// What is behind `=`.
    pub(crate) fn expression(&self) -> syn::Result<&TokenStream> {
        match &self.value {
            Value::Expression(tokens) => Ok(tokens),
            _ => Err(self.wrong(&format!("write `{} = …`", self.name))),
        }
    }

    /// The text behind `=`.
    pub(crate) fn text(&self) -> syn::Result<LitStr> {
        syn::parse2(self.expression()?.clone())
            .map_err(|_| self.wrong(&format!("write `{} = \"…\"`", self.name)))
    }

    /// The text behind `=`, if there is anything.
    pub(crate) fn optional_text(&self) -> syn::Result<Option<LitStr>> {
        match &self.value {
            Value::None => Ok(None),
            _ => self.text().map(Some),
        }
    }

    pub(crate) fn arguments(&self) -> syn::Result<&TokenStream> {
        match &self.value {
            Value::Arguments(tokens) => Ok(tokens),
            _ => Err(self.wrong(&format!("write `{}(…)`", self.name))),
        }
    }

    /// The settings in the parentheses.
    pub(crate) fn nested(&self) -> syn::Result<Vec<Setting>> {
        parse.parse2(self.arguments()?.clone())
    }

    pub(crate) fn wrong(&self, message: &str) -> syn::Error {
        syn::Error::new(self.span(), message)
    }
}
