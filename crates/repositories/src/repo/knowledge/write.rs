//! What is written of documents and passages.

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{
    ChunkWrite, ContentKind, DocumentStatus, Filing, IndexedContent, KnowledgeDocument, Mark, NewDocument,
};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, UpdateMany,
};

use crate::entity::knowledge_chunk as chunk;
use crate::entity::knowledge_document::{ActiveModel, Column, Entity};
use crate::error::{broken, sort};

use super::{vector, version};

/// Rows per insert: below the number of parameters either database takes.
pub(super) const ROWS: usize = 500;

fn update(scope: &ProjectScope, id: DocumentId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::Id.eq(id.get()))
}

pub(super) async fn insert(db: &impl ConnectionTrait, scope: &ProjectScope, new: &NewDocument) -> Result<KnowledgeDocument, StoreError> {
    let row = ActiveModel {
        project_id: Set(scope.project().get()),
        version: Set(1),
        chunk_count: Set(0),
        created_at: Set(new.at),
        ..arrived(new)
    };
    let row = row.insert(db).await.map_err(sort)?;
    let document = KnowledgeDocument::try_from(row).map_err(broken)?;
    // A page that was never fetched has had no content yet.
    if !document.content_hash.is_empty() {
        version::note(db, scope, &document).await?;
    }
    Ok(document)
}

pub(super) async fn overwrite(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    old: &KnowledgeDocument,
    new: &NewDocument,
) -> Result<KnowledgeDocument, StoreError> {
    // What is stored decides, not what was read before: two uploads at once count one after the other.
    let counted = CaseStatement::new()
        .case(Column::ContentHash.ne(&new.content_hash).and(Column::ContentHash.ne("")), Expr::col(Column::Version).add(1))
        .finally(Expr::col(Column::Version));
    let titled = CaseStatement::new()
        .case(Column::TitleIsGiven.eq(true).and(Expr::value(new.title_is_given).not()), Expr::col(Column::Title))
        .finally(new.title.clone());
    let given = Expr::col(Column::TitleIsGiven).or(new.title_is_given);
    let row = ActiveModel { title: NotSet, title_is_given: NotSet, ..arrived(new) };
    let query = update(scope, old.id).set(row).col_expr(Column::Version, counted.into());
    query.col_expr(Column::Title, titled.into()).col_expr(Column::TitleIsGiven, given).exec(db).await.map_err(sort)?;
    let row = Entity::find_by_id(old.id.get()).filter(Column::ProjectId.eq(scope.project().get())).one(db).await.map_err(sort)?;
    let document = KnowledgeDocument::try_from(row.ok_or(StoreError::Reference)?).map_err(broken)?;
    version::note(db, scope, &document).await?;
    Ok(document)
}

fn arrived(new: &NewDocument) -> ActiveModel {
    ActiveModel {
        origin: Set(new.origin.as_str().to_owned()),
        source_key: Set(new.source_key.clone()),
        title: Set(new.title.clone()),
        category: Set(new.category.clone()),
        tags: Set(serde_json::Value::from(new.tags.clone())),
        filename: Set(new.filename.clone()),
        title_is_given: Set(new.title_is_given),
        content_type: Set(first_kinds(new.content_type).to_owned()),
        media_type: Set(Some(new.content_type.as_str().to_owned())),
        size: Set(new.size),
        content_hash: Set(new.content_hash.clone()),
        status: Set(new.status.as_str().to_owned()),
        error: Set(new.error.clone()),
        repository_id: Set(new.repository.map(commandcenter_domain::shared::RepositoryId::get)),
        commit_sha: Set(new.commit_sha.clone()),
        blob_sha: Set(new.blob_sha.clone()),
        source_path: Set(new.source_path.clone()),
        source_url: Set(new.source_url.clone()),
        updated_at: Set(new.at),
        ..Default::default()
    }
}

/// What the column that came first may say: programs of before know no other kinds.
const fn first_kinds(kind: ContentKind) -> &'static str {
    match kind {
        ContentKind::Markdown | ContentKind::Html | ContentKind::Rst | ContentKind::Plain => kind.as_str(),
        ContentKind::Pdf
        | ContentKind::Docx
        | ContentKind::Pptx
        | ContentKind::Xlsx
        | ContentKind::Csv
        | ContentKind::Json
        | ContentKind::Notebook
        | ContentKind::Code => ContentKind::Plain.as_str(),
    }
}

pub(super) async fn mark(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, mark: &Mark) -> Result<(), StoreError> {
    let row = ActiveModel {
        status: Set(mark.status.as_str().to_owned()),
        error: Set(mark.error.clone()),
        updated_at: Set(mark.at),
        ..Default::default()
    };
    update(scope, id).set(row).exec(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn rename(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, title: &str) -> Result<(), StoreError> {
    update(scope, id).set(ActiveModel { title: Set(title.to_owned()), ..Default::default() }).exec(db).await.map_err(sort)?;
    let chunks = chunk::Entity::update_many()
        .filter(chunk::Column::ProjectId.eq(scope.project().get()))
        .filter(chunk::Column::DocumentId.eq(id.get()));
    chunks.col_expr(chunk::Column::Title, Expr::value(title)).filter(chunk::Column::Title.ne(title)).exec(db).await.map_err(sort)?;
    Ok(())
}

pub(super) async fn file(db: &impl ConnectionTrait, scope: &ProjectScope, id: DocumentId, filing: &Filing) -> Result<(), StoreError> {
    let Filing { title, title_is_given, category, tags, technology, at } = filing;
    let row = ActiveModel {
        title_is_given: Set(*title_is_given),
        category: Set(category.clone()),
        tags: Set(serde_json::Value::from(tags.clone())),
        technology_id: Set(technology.map(commandcenter_domain::shared::TechnologyId::get)),
        updated_at: Set(*at),
        ..Default::default()
    };
    update(scope, id).set(row).exec(db).await.map_err(sort)?;
    rename(db, scope, id, title).await?;
    bump(db, scope).await
}

pub(super) async fn replace_passages(
    db: &impl ConnectionTrait,
    scope: &ProjectScope,
    id: DocumentId,
    content: &IndexedContent,
) -> Result<(), StoreError> {
    let IndexedContent { title, content_hash, kind, language, warnings, text, passages, model, at } = content;
    let row = ActiveModel {
        title: Set(title.clone()),
        content_type: Set(first_kinds(*kind).to_owned()),
        media_type: Set(Some(kind.as_str().to_owned())),
        language: Set(language.clone()),
        warnings: Set(serde_json::Value::from(warnings.clone())),
        indexed_at: Set(Some(*at)),
        indexed_hash: Set(Some(content_hash.clone())),
        status: Set(DocumentStatus::Indexed.as_str().to_owned()),
        error: Set(None),
        chunk_count: Set(i64::try_from(passages.len()).map_err(broken)?),
        updated_at: Set(*at),
        ..Default::default()
    };
    let written = update(scope, id).set(row).col_expr_raw("content", text).exec(db).await.map_err(sort)?;
    if written.rows_affected == 0 {
        return Err(StoreError::Reference);
    }
    version::indexed(db, scope, id, content).await?;
    // Before passages are numbered: whoever holds the project's revision until the commit is the only one to number them, so that their ids
    // grow in the order of commits. What follows passages by their ids relies on that.
    bump(db, scope).await?;
    let old = chunk::Entity::delete_many()
        .filter(chunk::Column::ProjectId.eq(scope.project().get()))
        .filter(chunk::Column::DocumentId.eq(id.get()));
    old.exec(db).await.map_err(sort)?;
    for (part, passages) in passages.chunks(ROWS).enumerate() {
        let rows = passages.iter().zip(part * ROWS..).map(|(passage, ordinal)| chunk_row(scope, (id, title), passage, ordinal));
        chunk::Entity::insert_many(rows.collect::<Result<Vec<_>, _>>()?).exec_without_returning(db).await.map_err(sort)?;
    }
    let ids = chunk::Entity::find().select_only().column(chunk::Column::Id).filter(chunk::Column::DocumentId.eq(id.get()));
    let ids: Vec<i64> = ids.order_by_asc(chunk::Column::Ordinal).into_tuple().all(db).await.map_err(sort)?;
    let vectors =
        ids.into_iter().zip(passages).filter_map(|(id, passage)| passage.embedding.clone().map(|vector| (ChunkId::new(id), vector)));
    vector::write(db, scope, model, &vectors.collect::<Vec<_>>()).await
}

/// Sets the one column that the entity leaves out.
trait SetText {
    fn col_expr_raw(self, column: &'static str, text: &str) -> Self;
}

impl SetText for UpdateMany<Entity> {
    fn col_expr_raw(mut self, column: &'static str, text: &str) -> Self {
        sea_orm::QueryTrait::query(&mut self).value(column, Expr::value(text));
        self
    }
}

fn chunk_row(
    scope: &ProjectScope,
    (document, title): (DocumentId, &str),
    passage: &ChunkWrite,
    ordinal: usize,
) -> Result<chunk::ActiveModel, StoreError> {
    Ok(chunk::ActiveModel {
        document_id: Set(document.get()),
        project_id: Set(scope.project().get()),
        ordinal: Set(i32::try_from(ordinal).map_err(broken)?),
        title: Set(title.to_owned()),
        content: Set(passage.content.clone()),
        heading_path: Set(serde_json::to_string(&passage.heading_path).map_err(broken)?),
        span_start: Set(i64::try_from(passage.span.start).map_err(broken)?),
        span_end: Set(i64::try_from(passage.span.end).map_err(broken)?),
        token_count: Set(passage.token_count),
        text_hash: Set(Some(passage.text_hash.clone())),
        ..Default::default()
    })
}

pub(super) async fn remove(db: &impl ConnectionTrait, scope: &ProjectScope, ids: &[DocumentId]) -> Result<u64, StoreError> {
    let mut removed = 0;
    for part in ids.chunks(ROWS) {
        let query = Entity::delete_many()
            .filter(Column::ProjectId.eq(scope.project().get()))
            .filter(Column::Id.is_in(part.iter().map(|id| id.get())));
        removed += query.exec(db).await.map_err(sort)?.rows_affected;
    }
    Ok(removed)
}

/// Tells every process that caches vectors of the project to look again once this transaction is committed.
pub(super) async fn bump(db: &impl ConnectionTrait, scope: &ProjectScope) -> Result<(), StoreError> {
    let sql = "INSERT INTO knowledge_revisions (project_id, revision) VALUES ($1, 1) \
               ON CONFLICT (project_id) DO UPDATE SET revision = knowledge_revisions.revision + 1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [scope.project().get().into()]);
    db.execute_raw(statement).await.map_err(sort)?;
    Ok(())
}
