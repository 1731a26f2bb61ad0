//! A dialect that reads plain expressions without detours, and everything else as the database's own does.
//!
//! For each expression sqlparser first tries whether it is a text with a type before it, as in `DATE '2020-05-20'`,
//! and makes an error in words of it when it is not. That is most of the time that it needs. A dialect may read
//! the beginning of an expression by itself; this one does so for names, numbers, texts, calls and `CASE`, where
//! it gives the very tree that sqlparser would have given in the end. It is meant for [`plain`](super::plain)
//! tokens, among which there are no brackets and no other form of text.
//!
//! Where a parser with this dialect fails, nothing is said yet: sqlparser's own dialect decides.

use std::any::TypeId;
use std::cell::Cell;
use std::iter::Peekable;
use std::str::Chars;

use sqlparser::ast::{
    CastKind, ColumnOption, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, GranteesType, Ident, ObjectName, ObjectNamePart,
    Statement, Value,
};
use sqlparser::dialect::{
    Dialect as SqlDialect, MySqlDialect, PostgreSqlDialect, Precedence, SQLiteDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::super::Dialect;

/// The dialect of a database for plain tokens, to be used for one text.
pub(super) fn dialect(dialect: Dialect) -> Box<dyn SqlDialect> {
    match dialect {
        Dialect::Postgresql => Box::new(Quick::new(PostgreSqlDialect {})),
        Dialect::Mysql => Box::new(Quick::new(MySqlDialect {})),
        Dialect::Sqlite => Box::new(Quick::new(SQLiteDialect {})),
    }
}

/// A dialect that begins expressions by itself.
#[derive(Debug)]
struct Quick<D> {
    own: D,
    /// Whether something that was begun here could not be read. The parser remembers what it could not read, so
    /// that it does not try it again and again; it is left to do so from then on.
    has_failed: Cell<bool>,
}

impl<D> Quick<D> {
    fn new(own: D) -> Self {
        Self {
            own,
            has_failed: Cell::new(false),
        }
    }

    /// Reads on, behind so many tokens, what can fail.
    fn reading<'a>(
        &self,
        parser: &mut Parser<'a>,
        tokens: usize,
        read: impl FnOnce(&mut Parser<'a>) -> Result<Expr, ParserError>,
    ) -> Option<Result<Expr, ParserError>> {
        if self.has_failed.get() {
            return None;
        }
        advance(parser, tokens);
        let expression = read(parser);
        if expression.is_err() {
            self.has_failed.set(true);
        }
        Some(expression)
    }

    /// The expression that begins here, as far as a parser reads it before it looks for operators.
    fn prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let first = parser.get_current_index() + 1;
        let token = parser.token_at(first);
        // At the very beginning there is no current token, but no expression begins there.
        if !std::ptr::eq(token, parser.peek_token_ref()) {
            return None;
        }
        let Token::Word(word) = &token.token else {
            let (value, tokens) = literal(parser, first)?;
            advance(parser, tokens);
            return Some(Ok(value));
        };
        match word.keyword {
            Keyword::CASE => self.reading(parser, 1, Parser::parse_case_expr),
            Keyword::CAST => {
                self.reading(parser, 1, |parser| parser.parse_cast_expr(CastKind::Cast))
            }
            Keyword::NULL => {
                let value = Value::Null.with_span(token.span);
                advance(parser, 1);
                Some(Ok(Expr::Value(value)))
            }
            _ if !is_name(word) => None,
            _ => match parser.token_at(first + 1).token {
                Token::LParen => {
                    if let Some((call, tokens)) = simple_call(parser, first) {
                        advance(parser, tokens);
                        return Some(Ok(call));
                    }
                    let name = ObjectName::from(vec![word.to_ident(token.span)]);
                    self.reading(parser, 1, |parser| parser.parse_function(name))
                }
                // A character set before a text.
                Token::SingleQuotedString(_) => None,
                _ => {
                    let (column, tokens) = column(parser, first)?;
                    advance(parser, tokens);
                    Some(Ok(column))
                }
            },
        }
    }
}

fn advance(parser: &mut Parser, tokens: usize) {
    for _ in 0..tokens {
        parser.advance_token();
    }
}

/// Whether a word is a name wherever an expression begins: one that is no keyword, or a keyword that begins
/// neither a type nor an expression of its own kind.
fn is_name(word: &Word) -> bool {
    match word.keyword {
        // With XML before it, a text is one of that type.
        Keyword::NoKeyword => {
            let beginning = word.value.as_bytes().get(..3);
            !beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(b"xml"))
        }
        keyword => NAMES.contains(&keyword),
    }
}

/// Keywords that are often names of columns or functions, and nothing but names where an expression begins.
const NAMES: &[Keyword] = &[
    Keyword::COUNT,
    Keyword::SUM,
    Keyword::AVG,
    Keyword::MIN,
    Keyword::MAX,
    Keyword::COALESCE,
    Keyword::NULLIF,
    Keyword::NAME,
    Keyword::STATUS,
    Keyword::ID,
    Keyword::TYPE,
    Keyword::RANK,
    Keyword::DENSE_RANK,
    Keyword::ROW_NUMBER,
    Keyword::LAG,
    Keyword::LEAD,
    Keyword::FIRST_VALUE,
    Keyword::NTILE,
    Keyword::PERCENT_RANK,
    Keyword::YEAR,
    Keyword::MONTH,
    Keyword::DAY,
    Keyword::VALUE,
    Keyword::LOWER,
    Keyword::UPPER,
    Keyword::ABS,
    Keyword::SQRT,
    Keyword::POWER,
    Keyword::REPLACE,
    Keyword::CATEGORY,
    Keyword::LEVEL,
    Keyword::LOCATION,
    Keyword::REGION,
];

/// The number or text in this place, and of how many tokens it is.
fn literal(parser: &Parser, at: usize) -> Option<(Expr, usize)> {
    let TokenWithSpan { token, span } = parser.token_at(at);
    let value = match token {
        Token::Number(digits, is_long) => Value::Number(digits.clone(), *is_long),
        Token::SingleQuotedString(text) => Value::SingleQuotedString(text.clone()),
        _ => return None,
    };
    Some((Expr::Value(value.with_span(*span)), 1))
}

/// The column in this place, with all names before it, and of how many tokens it is.
fn column(parser: &Parser, first: usize) -> Option<(Expr, usize)> {
    let name = |at: usize| {
        let TokenWithSpan { token, span } = parser.token_at(at);
        match token {
            Token::Word(word) => Some(word.to_ident(*span)),
            _ => None,
        }
    };
    let is_period = |at: usize| parser.token_at(at).token == Token::Period;
    let root = name(first)?;
    if !is_period(first + 1) {
        return Some((Expr::Identifier(root), 1));
    }
    // An interval begins with a single name; what follows it is none of its own.
    if matches!(&parser.get_current_token().token, Token::Word(word) if word.keyword == Keyword::INTERVAL)
    {
        return Some((Expr::Identifier(root), 1));
    }
    let mut names = Vec::with_capacity(2);
    names.push(root);
    let mut end = first + 1;
    while is_period(end) {
        let Some(name) = name(end + 1) else {
            // All columns of a table: the parser takes it from the first name on.
            return Some((Expr::Identifier(names.swap_remove(0)), 1));
        };
        names.push(name);
        end += 2;
    }
    if parser.token_at(end).token == Token::LParen {
        // A function of a schema.
        return Some((Expr::Identifier(names.swap_remove(0)), 1));
    }
    Some((Expr::CompoundIdentifier(names), end - first))
}

/// The call in this place, and of how many tokens it is, if its arguments are columns and literals and nothing
/// stands behind it that belongs to it.
fn simple_call(parser: &Parser, first: usize) -> Option<(Expr, usize)> {
    let TokenWithSpan { token, span } = parser.token_at(first);
    let Token::Word(name) = token else {
        return None;
    };
    let mut at = first + 2;
    let is_distinct = matches!(&parser.token_at(at).token, Token::Word(word) if word.keyword == Keyword::DISTINCT);
    if is_distinct {
        at += 1;
    }
    let mut args = Vec::with_capacity(1);
    loop {
        let (argument, tokens) = match &parser.token_at(at).token {
            Token::Mul => (FunctionArgExpr::Wildcard, 1),
            Token::Word(word) if is_name(word) => {
                let (column, tokens) = column(parser, at)?;
                (FunctionArgExpr::Expr(column), tokens)
            }
            _ => {
                let (literal, tokens) = literal(parser, at)?;
                (FunctionArgExpr::Expr(literal), tokens)
            }
        };
        args.push(FunctionArg::Unnamed(argument));
        at += tokens;
        match parser.token_at(at).token {
            Token::Comma => at += 1,
            Token::RParen => break,
            _ => return None,
        }
    }
    if let Token::Word(next) = &parser.token_at(at + 1).token
        && !ENDS_OF_CALLS.contains(&next.keyword)
    {
        return None;
    }
    let list = FunctionArgumentList {
        duplicate_treatment: is_distinct.then_some(DuplicateTreatment::Distinct),
        args,
        clauses: Vec::new(),
    };
    let call = Function {
        name: ObjectName::from(vec![name.to_ident(*span)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(list),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    };
    Some((Expr::Function(call), at + 1 - first))
}

/// Words that may follow a call and do not belong to it.
const ENDS_OF_CALLS: &[Keyword] = &[
    Keyword::NoKeyword,
    Keyword::AS,
    Keyword::FROM,
    Keyword::DESC,
    Keyword::ASC,
    Keyword::LIMIT,
    Keyword::AND,
    Keyword::OR,
    Keyword::THEN,
    Keyword::ELSE,
    Keyword::END,
    Keyword::WHEN,
    Keyword::ORDER,
    Keyword::GROUP,
    Keyword::HAVING,
];

/// Passes what tells a dialect's features on to the database's own.
macro_rules! passed_on {
    ($($feature:ident)*) => {
        $(fn $feature(&self) -> bool {
            self.own.$feature()
        })*
    };
}

impl<D: SqlDialect> SqlDialect for Quick<D> {
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        self.prefix(parser)
    }

    // From here on, everything is the database's own.

    fn dialect(&self) -> TypeId {
        self.own.dialect()
    }

    fn is_delimited_identifier_start(&self, character: char) -> bool {
        self.own.is_delimited_identifier_start(character)
    }

    fn is_nested_delimited_identifier_start(&self, character: char) -> bool {
        self.own.is_nested_delimited_identifier_start(character)
    }

    fn peek_nested_delimited_identifier_quotes(
        &self,
        characters: Peekable<Chars<'_>>,
    ) -> Option<(char, Option<char>)> {
        self.own.peek_nested_delimited_identifier_quotes(characters)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        self.own.identifier_quote_style(identifier)
    }

    fn is_identifier_start(&self, character: char) -> bool {
        self.own.is_identifier_start(character)
    }

    fn is_identifier_part(&self, character: char) -> bool {
        self.own.is_identifier_part(character)
    }

    fn is_custom_operator_part(&self, character: char) -> bool {
        self.own.is_custom_operator_part(character)
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        expression: &Expr,
        precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        self.own.parse_infix(parser, expression, precedence)
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        self.own.get_next_precedence(parser)
    }

    fn get_next_precedence_default(&self, parser: &Parser) -> Result<u8, ParserError> {
        self.own.get_next_precedence_default(parser)
    }

    fn parse_statement(&self, parser: &mut Parser) -> Option<Result<Statement, ParserError>> {
        self.own.parse_statement(parser)
    }

    fn parse_column_option(
        &self,
        parser: &mut Parser,
    ) -> Result<Option<Result<Option<ColumnOption>, ParserError>>, ParserError> {
        self.own.parse_column_option(parser)
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        self.own.prec_value(precedence)
    }

    fn prec_unknown(&self) -> u8 {
        self.own.prec_unknown()
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        self.own.is_reserved_for_identifier(keyword)
    }

    fn get_reserved_keywords_for_select_item_operator(&self) -> &[Keyword] {
        self.own.get_reserved_keywords_for_select_item_operator()
    }

    fn get_reserved_grantees_types(&self) -> &[GranteesType] {
        self.own.get_reserved_grantees_types()
    }

    fn is_column_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.own.is_column_alias(keyword, parser)
    }

    fn is_select_item_alias(
        &self,
        is_explicit: bool,
        keyword: &Keyword,
        parser: &mut Parser,
    ) -> bool {
        self.own.is_select_item_alias(is_explicit, keyword, parser)
    }

    fn is_table_factor(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.own.is_table_factor(keyword, parser)
    }

    fn is_table_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.own.is_table_alias(keyword, parser)
    }

    fn is_table_factor_alias(
        &self,
        is_explicit: bool,
        keyword: &Keyword,
        parser: &mut Parser,
    ) -> bool {
        self.own.is_table_factor_alias(is_explicit, keyword, parser)
    }

    fn is_identifier_generating_function_name(
        &self,
        name: &Ident,
        parts: &[ObjectNamePart],
    ) -> bool {
        self.own.is_identifier_generating_function_name(name, parts)
    }

    passed_on! {
        supports_string_literal_backslash_escape ignores_wildcard_escapes
        supports_unicode_string_literal supports_filter_during_aggregation
        supports_window_clause_named_window_reference supports_within_after_array_aggregation
        supports_partition_by_after_order_by supports_array_join_syntax
        supports_alter_user_as_alter_role supports_group_by_expr supports_group_by_with_modifier
        supports_left_associative_joins_without_parens supports_outer_join_operator
        supports_cross_join_constraint supports_connect_by supports_execute_immediate
        supports_match_recognize supports_in_empty_list supports_in_unparenthesized_expr
        supports_start_transaction_modifier supports_end_transaction_modifier
        supports_named_fn_args_with_eq_operator supports_named_fn_args_with_colon_operator
        supports_named_fn_args_with_assignment_operator
        supports_named_fn_args_with_rarrow_operator supports_named_fn_args_with_expr_name
        supports_numeric_prefix supports_numeric_literal_underscores
        supports_window_function_null_treatment_arg supports_dictionary_syntax
        support_map_literal_syntax supports_lambda_functions supports_parenthesized_set_variables
        supports_comma_separated_set_assignments supports_update_order_by
        supports_select_wildcard_except convert_type_before_value supports_triple_quoted_string
        supports_trailing_commas supports_limit_comma supports_string_literal_concatenation
        supports_string_literal_concatenation_with_newline supports_projection_trailing_commas
        supports_from_trailing_commas supports_column_definition_trailing_commas
        supports_object_name_double_dot_notation supports_struct_literal
        supports_empty_projections supports_select_expr_star supports_from_first_select
        supports_from_first_insert supports_pipe_operator supports_user_host_grantee
        supports_match_against supports_select_wildcard_exclude supports_select_exclude
        supports_create_table_multi_schema_info_sources supports_select_modifiers
        describe_requires_table_keyword allow_extract_custom allow_extract_single_quotes
        supports_extract_comma_syntax supports_subquery_as_function_arg
        supports_create_view_comment_syntax supports_array_typedef_without_element_type
        supports_parens_around_table_factor supports_values_as_table_factor
        supports_dollar_placeholder supports_dollar_as_money_prefix
        supports_create_index_with_clause require_interval_qualifier
        supports_explain_with_utility_options supports_asc_desc_in_column_definition
        supports_factorial_operator supports_bitwise_shift_operators supports_nested_comments
        supports_multiline_comment_hints supports_eq_alias_assignment supports_try_convert
        supports_bang_not_operator supports_listen_notify supports_exclude_constraint
        supports_load_data supports_load_extension supports_top_before_distinct
        supports_boolean_literals supports_show_like_before_in supports_comment_on
        supports_create_table_select supports_leading_comma_before_table_options supports_partiql
        supports_unpivot_expr supports_constraint_keyword_without_name supports_key_column_option
        supports_table_sample_before_alias supports_insert_set supports_insert_table_function
        supports_insert_table_query supports_insert_format supports_insert_table_alias
        supports_set_stmt_without_operator supports_table_versioning
        supports_string_escape_constant supports_table_hints
        requires_single_line_comment_whitespace supports_array_typedef_with_brackets
        supports_geometric_types supports_order_by_all supports_order_by_using_operator
        supports_set_names supports_space_separated_column_options
        supports_alter_column_type_using supports_comma_separated_drop_column_list
        supports_notnull_operator supports_data_type_signed_suffix supports_interval_options
        supports_create_table_like_parenthesized supports_semantic_view_table_factor
        supports_quote_delimited_string supports_comment_optimizer_hint
        supports_double_ampersand_operator supports_binary_kw_as_cast
        supports_select_wildcard_replace supports_select_wildcard_ilike
        supports_select_wildcard_rename supports_select_wildcard_with_alias
        supports_optimize_table supports_install supports_detach supports_prewhere
        supports_with_fill supports_limit_by supports_interpolate supports_settings
        supports_select_format supports_comma_separated_trim supports_cte_without_as
        supports_select_item_multi_column_alias supports_xml_expressions
        supports_aliased_function_args supports_create_table_using supports_long_type_as_bigint
        supports_map_literal_with_angle_brackets
    }
}
