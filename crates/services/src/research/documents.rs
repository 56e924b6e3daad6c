//! Files attached to tasks. The bytes are on the disk before the row is, and leave it after the row: a crash between the two leaves a
//! file nobody knows, which the sweep removes, and never a row without its file.

use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::research::{FileReader, FileWriter, NewDocument, ResearchError, Task, TaskDocument, Upload, WrittenFile};
use commandcenter_domain::shared::{Precondition, TaskDocumentId, TaskId};

use super::{Change, ResearchService, found, record, remove_files};

/// A file being received for a task. Dropped, nothing of it remains.
pub struct Receiving {
    task: TaskId,
    upload: Upload,
    writer: Box<dyn FileWriter>,
}

impl Receiving {
    /// Appends bytes as they come.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ResearchError> {
        Ok(self.writer.write(bytes).await?)
    }
}

impl ResearchService {
    /// Begins to receive a file.
    pub async fn receive(&self, scope: &ProjectScope, task: TaskId, upload: Upload) -> Result<Receiving, ResearchError> {
        self.check_upload(scope, task).await?;
        Ok(Receiving { task, upload, writer: self.files.create(scope.project()).await? })
    }

    /// Refuses at once what could not be attached anyway, before any bytes are read.
    pub async fn check_upload(&self, scope: &ProjectScope, task: TaskId) -> Result<(), ResearchError> {
        scope.require(Role::Member)?;
        self.get(scope, task).await.map(|_| ())
    }

    /// Attaches a file that was received whole.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), task.id = %received.task))]
    pub async fn attach(&self, scope: &ProjectScope, received: Receiving) -> Result<TaskDocument, ResearchError> {
        let Receiving { task, upload, writer } = received;
        let written = writer.finish().await?;
        let key = written.key.clone();
        let attached = self.attach_written(scope, task, (upload, written)).await;
        if attached.is_err() {
            remove_files(&*self.files, &[key]).await;
        }
        attached
    }

    async fn attach_written(
        &self,
        scope: &ProjectScope,
        id: TaskId,
        (upload, file): (Upload, WrittenFile),
    ) -> Result<TaskDocument, ResearchError> {
        let now = self.clock.now();
        let new = NewDocument {
            filename: upload.filename,
            content_type: upload.content_type,
            size: file.size,
            sha256: file.sha256,
            key: file.key,
        };
        let tx = self.store.begin().await?;
        let before = found(&*tx, scope, id, &Precondition::Nothing).await?;
        let document = tx.tasks().attach(scope, id, &new, now).await?;
        tx.tasks().update(scope, &Task { version: before.version + 1, updated_at: now, ..before }).await?;
        record(&*tx, scope, (id, now), Change::Attached(&document.filename)).await?;
        tx.commit().await?;
        Ok(document)
    }

    /// Every file of a task.
    pub async fn documents(&self, scope: &ProjectScope, task: TaskId) -> Result<Vec<TaskDocument>, ResearchError> {
        self.get(scope, task).await?;
        Ok(self.store.repos().tasks().documents(scope, task).await?)
    }

    /// A file with its bytes.
    pub async fn download(
        &self,
        scope: &ProjectScope,
        task: TaskId,
        id: TaskDocumentId,
    ) -> Result<(TaskDocument, Box<dyn FileReader>), ResearchError> {
        self.get(scope, task).await?;
        let document = self.store.repos().tasks().document(scope, task, id).await?.ok_or(ResearchError::NoDocument(id))?;
        let reader = self.files.open(&document.key).await?;
        Ok((document, reader))
    }

    /// Removes a file.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), task.id = %task))]
    pub async fn detach(&self, scope: &ProjectScope, task: TaskId, id: TaskDocumentId) -> Result<(), ResearchError> {
        scope.require(Role::Member)?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let before = found(&*tx, scope, task, &Precondition::Nothing).await?;
        let document = tx.tasks().document(scope, task, id).await?.ok_or(ResearchError::NoDocument(id))?;
        tx.tasks().detach(scope, task, id).await?;
        tx.tasks().update(scope, &Task { version: before.version + 1, updated_at: now, ..before }).await?;
        record(&*tx, scope, (task, now), Change::Detached(&document.filename)).await?;
        tx.commit().await?;
        remove_files(&*self.files, &[document.key]).await;
        Ok(())
    }

    /// Removes files that no task has: left by a crash, or by the deletion of a whole project. Answers how many.
    pub async fn sweep(&self) -> Result<usize, ResearchError> {
        let settled = self.files.settled().await?;
        let unowned = self.store.repos().tasks().unowned(&settled).await?;
        remove_files(&*self.files, &unowned).await;
        Ok(unowned.len())
    }
}
