//! Full-text conditions. What a person types is cut into words first, so that none of it is ever read as query syntax.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend};

/// Rows of `table` that hold, for each word of `text`, a word that begins like it. A text without any word matches nothing.
pub(crate) fn matches(db: &impl ConnectionTrait, table: &'static str, text: &str) -> SimpleExpr {
    let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    if words.is_empty() {
        return Expr::value(1).eq(0);
    }
    match db.get_database_backend() {
        DbBackend::Postgres => {
            let query = words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ");
            Expr::cust_with_values(format!("{table}.search @@ to_tsquery('simple', $1)"), [query])
        }
        _ => {
            let query = words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ");
            let index = format!("{table}_fts");
            let condition = Expr::cust_with_values(format!("{index} MATCH ?"), [query]);
            let found = Query::select().expr(Expr::cust("rowid")).from(index).and_where(condition).take();
            Expr::col((table, "id")).in_subquery(found)
        }
    }
}
