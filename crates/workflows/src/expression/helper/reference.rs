//! Everything that can be called in an expression, with an example each: for editors, and for docs/expressions.md.

/// How a helper is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelperKind {
    /// `value | name(…)`.
    Filter,
    /// `name(…)`.
    Function,
    /// `value is name(…)`.
    Test,
}

/// What a helper is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What to take when something is missing.
    Defaults,
    /// Dates and instants.
    Dates,
    /// Money in minor units.
    Money,
    /// Texts.
    Texts,
    /// Numbers.
    Numbers,
    /// Lists.
    Lists,
    /// Objects.
    Objects,
    /// JSON, base64, hexadecimal and URLs.
    Encodings,
    /// Hashes.
    Hashes,
    /// What something is.
    Tests,
}

/// Something that can be called in an expression.
#[derive(Debug, Clone, Copy)]
pub struct Helper {
    /// What expressions call it.
    pub name: &'static str,
    /// How it is called.
    pub kind: HelperKind,
    /// What it is about.
    pub group: Group,
    /// Its arguments, as they are written; an `=` says what holds when the argument is left out.
    pub arguments: &'static str,
    /// What it does.
    pub description: &'static str,
    /// An expression that uses it, without the braces.
    pub example: &'static str,
    /// What the example evaluates to, as JSON.
    pub result: &'static str,
}

impl Group {
    /// All groups, in the order in which they are shown.
    pub const ALL: [Group; 10] = [
        Group::Defaults,
        Group::Dates,
        Group::Money,
        Group::Texts,
        Group::Numbers,
        Group::Lists,
        Group::Objects,
        Group::Encodings,
        Group::Hashes,
        Group::Tests,
    ];

    /// What the group is called.
    pub fn title(self) -> &'static str {
        match self {
            Group::Defaults => "Default values",
            Group::Dates => "Dates",
            Group::Money => "Money",
            Group::Texts => "Texts",
            Group::Numbers => "Numbers",
            Group::Lists => "Lists",
            Group::Objects => "Objects",
            Group::Encodings => "JSON and encodings",
            Group::Hashes => "Hashes",
            Group::Tests => "Tests",
        }
    }
}

macro_rules! helpers {
    ($([$group:ident] $($kind:ident $name:literal ($arguments:literal) $description:literal, $example:literal => $result:literal;)*)*) => {
        /// All helpers, by group.
        pub const HELPERS: &[Helper] = &[$($(Helper {
            name: $name,
            kind: HelperKind::$kind,
            group: Group::$group,
            arguments: $arguments,
            description: $description,
            example: $example,
            result: $result,
        },)*)*];
    };
}

helpers! {
    [Defaults]
        Filter "default" ("value, boolean=false") "Another value for what is missing, also where something on the way to it is. With `true`, also for null, false, 0 and what is empty.",
            "trigger.body.customer.note | default('none')" => r#""none""#;
        Filter "d" ("value, boolean=false") "The same as `default`.", "'' | d('empty', true)" => r#""empty""#;
        Function "coalesce" ("value, …") "The first of its arguments that is not null.", "coalesce(trigger.body.nickname, trigger.body.name)" => r#""Ada""#;

    [Dates]
        Filter "date" ("zone=none") "The instant in RFC 3339, in another time zone if one is given. Reads ISO 8601, RFC 2822 and seconds or milliseconds since 1970; what names no zone is in `zone`, or in UTC.",
            "1774785600 | date('Europe/Berlin')" => r#""2026-03-29T14:00:00+02:00""#;
        Filter "date_parse" ("format, zone='UTC'") "Reads a date in a form of its own; the [format](https://docs.rs/jiff/latest/jiff/fmt/strtime/index.html) is strptime's.",
            "'29/03/2026 12:30' | date_parse('%d/%m/%Y %H:%M', 'Europe/London')" => r#""2026-03-29T12:30:00+01:00""#;
        Filter "date_format" ("format, zone=none") "Writes a date in a form of its own, by strftime's format.",
            "trigger.body.paidAt | date_format('%A, %-d %B %Y')" => r#""Sunday, 29 March 2026""#;
        Filter "date_add" ("duration=none, years=0, months=0, weeks=0, days=0, hours=0, minutes=0, seconds=0, zone=none") "Moves a date by an ISO 8601 duration or by what is named; both may be negative. Days and longer are calendar days in the date's zone.",
            "'2026-01-31' | date_add(months=1)" => r#""2026-02-28T00:00:00Z""#;
        Filter "date_diff" ("to, unit='seconds', zone=none") "How long it is from a date to another one. Days, weeks, months and years are whole ones.",
            "'2026-03-01' | date_diff('2026-03-29T12:00:00Z', 'days')" => "28";
        Filter "date_floor" ("unit, zone=none") "The beginning of the second, minute, hour, day, week (Monday), month or year.",
            "'2026-03-29T12:34:56Z' | date_floor('month')" => r#""2026-03-01T00:00:00Z""#;
        Filter "timestamp" ("") "Seconds since 1970.", "'2026-03-29T12:00:00Z' | timestamp" => "1774785600";
        Filter "timestamp_ms" ("") "Milliseconds since 1970.", "'2026-03-29T12:00:00Z' | timestamp_ms" => "1774785600000";

    [Money]
        Filter "to_minor" ("currency") "An amount as the whole number of the currency's smallest units. What has too many decimals for the currency is refused.",
            "'12.50' | to_minor('EUR')" => "1250";
        Filter "from_minor" ("currency") "The amount of so many smallest units, as a text with the currency's decimals.",
            "1250 | from_minor('KWD')" => r#""1.250""#;
        Filter "money" ("currency") "The same with the currency after it.", "1250 | money('JPY')" => r#""1250 JPY""#;
        Filter "currency_decimals" ("") "How many decimals the currency has (ISO 4217).", "'BHD' | currency_decimals" => "3";
        Filter "percent" ("rate") "So many percent of an amount, rounded to the unit; halves go away from zero.", "1999 | percent(19)" => "380";
        Filter "split_amount" ("parts") "Splits an amount into so many parts, or by a list of weights. The parts add up to the amount.",
            "1000 | split_amount(3)" => "[334,333,333]";

    [Texts]
        Filter "upper" ("") "In capital letters.", "'Ada' | upper" => r#""ADA""#;
        Filter "lower" ("") "In small letters.", "'Ada' | lower" => r#""ada""#;
        Filter "title" ("") "Every word with a capital letter.", "'ada lovelace' | title" => r#""Ada Lovelace""#;
        Filter "capitalize" ("") "The first letter as a capital, the others small.", "'aDA' | capitalize" => r#""Ada""#;
        Filter "trim" ("characters=none") "Without blanks, or those characters, at both ends.", "'  x ' | trim" => r#""x""#;
        Filter "strip_prefix" ("prefix") "Without that beginning.", "'acct_17' | strip_prefix('acct_')" => r#""17""#;
        Filter "strip_suffix" ("suffix") "Without that end.", "'a.pdf' | strip_suffix('.pdf')" => r#""a""#;
        Filter "before" ("mark") "What comes before the first `mark`; the whole text when there is none.", "'a@example.com' | before('@')" => r#""a""#;
        Filter "after" ("mark") "What comes after the first `mark`; nothing when there is none.", "'a@example.com' | after('@')" => r#""example.com""#;
        Filter "replace" ("from, to") "Every `from` replaced.", "'1 234' | replace(' ', '')" => r#""1234""#;
        Filter "truncate" ("length, end='…'") "At most so many characters.", "'Jackfield' | truncate(5)" => r#""Jack…""#;
        Filter "pad_start" ("width, fill=' '") "Filled up at the start to so many characters.", "7 | string | pad_start(3, '0')" => r#""007""#;
        Filter "pad_end" ("width, fill=' '") "Filled up at the end.", "'a' | pad_end(3, '.')" => r#""a..""#;
        Filter "slug" ("") "Small ASCII letters and digits with dashes between them.", "'Order #17: paid!' | slug" => r#""order-17-paid""#;
        Filter "indent" ("width") "Every line but the first moved to the right.", "'a\\nb' | indent(2)" => r#""a\n  b""#;
        Filter "split" ("separator=none, most=none") "A list of the pieces; by blanks when there is no separator.", "'a,b' | split(',')" => r#"["a","b"]"#;
        Filter "lines" ("") "A list of the lines.", "'a\\nb' | lines" => r#"["a","b"]"#;
        Filter "length" ("") "How many characters, items or members.", "'Ada' | length" => "3";
        Filter "count" ("") "The same as `length`.", "[1, 2] | count" => "2";
        Filter "raw" ("") "In the `htmlBody` of a message template: HTML that is written as it is, and not escaped. Elsewhere it changes nothing.",
            "'<b>Ada</b>' | raw" => r#""<b>Ada</b>""#;
        Filter "string" ("") "As a text.", "17 | string" => r#""17""#;

    [Numbers]
        Filter "int" ("default=none, base=10") "A whole number, also from a text; a fraction is cut off.", "'17' | int" => "17";
        Filter "float" ("default=none") "A number, also from a text.", "'1.5' | float" => "1.5";
        Filter "round" ("decimals=0, method='common'") "Rounded; `method` is `common`, `ceil` or `floor`.", "2.345 | round(1)" => "2.3";
        Filter "ceil" ("") "The next whole number upwards.", "1.2 | ceil" => "2";
        Filter "floor" ("") "The next whole number downwards.", "1.8 | floor" => "1";
        Filter "abs" ("") "Without its sign.", "-3 | abs" => "3";
        Filter "clamp" ("least, most") "Neither less nor more than that.", "120 | clamp(0, 100)" => "100";
        Filter "bool" ("") "Whether it is anything but false, null, 0 and empty.", "'x' | bool" => "true";
        Function "range" ("first, end, step=1") "The numbers from `first` up to, and without, `end`; with one argument, from 0 up to it.", "range(3)" => "[0,1,2]";

    [Lists]
        Filter "first" ("") "The first item.", "[3, 1] | first" => "3";
        Filter "last" ("") "The last item.", "[3, 1] | last" => "1";
        Filter "min" ("") "The least item.", "[3, 1] | min" => "1";
        Filter "max" ("") "The greatest item.", "[3, 1] | max" => "3";
        Filter "sum" ("attribute=none, start=0") "All numbers, or what the items hold at `attribute`, added up.", "trigger.body.items | sum(attribute='amount')" => "2500";
        Filter "map" ("filter, … | attribute=path, default=none") "A filter applied to every item, or what every item holds at `attribute`.", "trigger.body.items | map(attribute='sku')" => r#"["a","b"]"#;
        Filter "select" ("test=none, …") "The items for which the test holds; without one, those that are not empty.", "[1, 2, 3] | select('odd')" => "[1,3]";
        Filter "reject" ("test=none, …") "The items for which it does not.", "[1, 2, 3] | reject('odd')" => "[2]";
        Filter "selectattr" ("attribute, test=none, …") "The items whose attribute passes the test.", "trigger.body.items | selectattr('amount', '>', 1000) | map(attribute='sku')" => r#"["a"]"#;
        Filter "rejectattr" ("attribute, test=none, …") "The items whose attribute does not.", "trigger.body.items | rejectattr('amount', '>', 1000) | map(attribute='sku')" => r#"["b"]"#;
        Filter "sort" ("attribute=none, reverse=false, case_sensitive=false") "In order.", "[3, 1, 2] | sort" => "[1,2,3]";
        Filter "reverse" ("") "From the end; also texts.", "[1, 2] | reverse" => "[2,1]";
        Filter "unique" ("attribute=none, case_sensitive=false") "Each item once.", "[1, 2, 1] | unique" => "[1,2]";
        Filter "groupby" ("attribute") "Pairs of a value of `attribute` and the items that have it.", "trigger.body.items | groupby('sku') | map('first')" => r#"["a","b"]"#;
        Filter "index_by" ("attribute") "An object of the items by what they hold at `attribute`.", "(trigger.body.items | index_by('sku')).b.amount" => "500";
        Filter "flatten" ("") "The items of its lists, one level deep.", "[1, [2, [3]]] | flatten" => "[1,2,[3]]";
        Filter "compact" ("") "Without null, empty texts, lists and objects.", "[1, none, ''] | compact" => "[1]";
        Filter "batch" ("size, fill=none") "Lists of so many items.", "[1, 2, 3] | batch(2)" => "[[1,2],[3]]";
        Filter "slice" ("count, fill=none") "So many lists of the items.", "[1, 2, 3] | slice(2)" => "[[1,2],[3]]";
        Filter "chain" ("list, …") "One list after another.", "[1] | chain([2])" => "[1,2]";
        Filter "zip" ("list, …") "Lists of the first, the second, … items.", "[1, 2] | zip(['a', 'b'])" => r#"[[1,"a"],[2,"b"]]"#;
        Filter "join" ("between='', attribute=none") "One text of all items.", "['a', 1] | join(', ')" => r#""a, 1""#;
        Filter "list" ("") "As a list: the characters of a text, the keys of an object.", "'ab' | list" => r#"["a","b"]"#;

    [Objects]
        Filter "keys" ("") "The names of the members.", "{'a': 1, 'b': 2} | keys" => r#"["a","b"]"#;
        Filter "values" ("") "The values of the members.", "{'a': 1, 'b': 2} | values" => "[1,2]";
        Filter "items" ("") "Pairs of name and value.", "{'a': 1} | items" => r#"[["a",1]]"#;
        Filter "dictsort" ("by='key', reverse=false, case_sensitive=false") "Pairs of name and value, in order.", "{'b': 2, 'a': 1} | dictsort" => r#"[["a",1],["b",2]]"#;
        Filter "merge" ("object") "The members of both; the other's where both have one.", "{'a': 1, 'b': 1} | merge({'b': 2})" => r#"{"a":1,"b":2}"#;
        Filter "pick" ("name, …") "Only those members.", "{'a': 1, 'b': 2} | pick('a')" => r#"{"a":1}"#;
        Filter "omit" ("name, …") "All members but those.", "{'a': 1, 'b': 2} | omit('a')" => r#"{"b":2}"#;
        Filter "attr" ("name") "The member of that name.", "{'a': 1} | attr('a')" => "1";
        Function "dict" ("name=value, …") "An object.", "dict(a=1)" => r#"{"a":1}"#;

    [Encodings]
        Filter "tojson" ("pretty=false") "As JSON.", "{'a': [1]} | tojson" => r#""{\"a\":[1]}""#;
        Filter "fromjson" ("") "What a JSON text stands for.", "('{\"a\": [1]}' | fromjson).a" => "[1]";
        Filter "type" ("") "`null`, `boolean`, `number`, `text`, `list` or `object`.", "[1] | type" => r#""list""#;
        Filter "base64_encode" ("") "Base64 of the text's UTF-8.", "'Jäck' | base64_encode" => r#""SsOkY2s=""#;
        Filter "base64_decode" ("") "The text, if it is UTF-8.", "'SsOkY2s=' | base64_decode" => r#""Jäck""#;
        Filter "base64url_encode" ("") "Base64 for URLs, without padding.", "'Jäck' | base64url_encode" => r#""SsOkY2s""#;
        Filter "base64url_decode" ("") "The text, if it is UTF-8.", "'SsOkY2s' | base64url_decode" => r#""Jäck""#;
        Filter "hex_encode" ("") "Hexadecimal of the text's UTF-8.", "'abc' | hex_encode" => r#""616263""#;
        Filter "hex_decode" ("") "The text, if it is UTF-8.", "'616263' | hex_decode" => r#""abc""#;
        Filter "urlencode" ("") "Percent-encoded for URLs; an object becomes a query.", "{'q': 'a b&c'} | urlencode" => r#""q=a%20b%26c""#;
        Filter "urldecode" ("") "The text behind percent signs; a plus is a blank.", "'a%20b+c' | urldecode" => r#""a b c""#;

    [Hashes]
        Filter "sha256" ("encoding='hex'") "SHA-256 of the text's UTF-8; `encoding` is `hex` or `base64`.", "'abc' | sha256" => r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#;
        Filter "sha384" ("encoding='hex'") "SHA-384.", "'abc' | sha384('base64')" => r#""ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn""#;
        Filter "sha512" ("encoding='hex'") "SHA-512.", "'abc' | sha512 | truncate(16, '')" => r#""ddaf35a193617aba""#;
        Filter "sha1" ("encoding='hex'") "SHA-1, which proves nothing any more: for services that ask for it.", "'abc' | sha1" => r#""a9993e364706816aba3e25717850c26c9cd0d89d""#;

    [Tests]
        Test "defined" ("") "It is there; also where something on the way to it is missing.", "trigger.body.customer.note is defined" => "false";
        Test "undefined" ("") "It is not.", "trigger.body.note is undefined" => "true";
        Test "none" ("") "It is null.", "none is none" => "true";
        Test "true" ("") "It is true, and not only not empty.", "1 is true" => "false";
        Test "false" ("") "It is false.", "false is false" => "true";
        Test "boolean" ("") "It is true or false.", "true is boolean" => "true";
        Test "number" ("") "It is a number.", "1.5 is number" => "true";
        Test "integer" ("") "It is a number without a fraction.", "1 is integer" => "true";
        Test "int" ("") "The same as `integer`.", "1 is int" => "true";
        Test "float" ("") "It is a number with a fraction.", "1.5 is float" => "true";
        Test "string" ("") "It is a text.", "'a' is string" => "true";
        Test "sequence" ("") "It is a list.", "[1] is sequence" => "true";
        Test "iterable" ("") "It has items or members.", "[1] is iterable" => "true";
        Test "mapping" ("") "It is an object.", "{} is mapping" => "true";
        Test "odd" ("") "It is an odd number.", "3 is odd" => "true";
        Test "even" ("") "It is an even number.", "3 is even" => "false";
        Test "divisibleby" ("number") "It can be divided by that without a rest.", "9 is divisibleby 3" => "true";
        Test "startingwith" ("text") "It starts with that.", "'evt_1' is startingwith 'evt_'" => "true";
        Test "endingwith" ("text") "It ends with that.", "'a.pdf' is endingwith '.pdf'" => "true";
        Test "lower" ("") "All its letters are small.", "'a' is lower" => "true";
        Test "upper" ("") "All its letters are capital.", "'a' is upper" => "false";
        Test "in" ("list") "It is an item of the list, a key of the object or a part of the text.", "2 is in [1, 2]" => "true";
        Test "eq" ("value") "It is equal to that; also `==` and `equalto`, and so with `ne` (`!=`), `lt` (`<`), `le` (`<=`), `gt` (`>`), `ge` (`>=`). For `select` and its kind.", "[1, 2] | select('==', 2)" => "[2]";
}
