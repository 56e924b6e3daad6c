//! The network: token ids in, vectors of length 1 out.

use std::path::Path;
use std::sync::Arc;

use commandcenter_domain::knowledge::EmbeddingModel;
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};
use tokenizers::{Encoding, Tokenizer};

/// The model whose vectors are stored.
pub const ALL_MINILM_L6_V2: EmbeddingModel = EmbeddingModel::fixed("all-MiniLM-L6-v2-int8", 384);
/// Tokens that the model was trained to read, its special ones included.
pub const MAX_TOKENS: usize = 256;
/// Padded tokens in one run. Larger batches gain nothing on a CPU and hold memory.
const BATCH_TOKENS: usize = 1024;

/// A loaded network with its tokenizer. Shared by threads.
pub(crate) struct Network {
    model: Model,
    encoder: Arc<Tokenizer>,
    inputs: [NodeId; 3],
    output: NodeId,
}

impl Network {
    /// Loads `model.onnx`.
    pub(crate) fn load(file: &Path, encoder: Arc<Tokenizer>) -> Result<Self, String> {
        let refuse = |err: &dyn std::fmt::Display| format!("{} cannot be read: {err}", file.display());
        let mut options = ModelOptions::with_all_ops();
        // Costs 40 MB and saves 35 ms on every question: otherwise each run would rearrange the weights again.
        options.prepack_weights(true);
        let model = options.load_file(file).map_err(|err| refuse(&err))?;
        let node = |name: &str| model.node_id(name).map_err(|err| refuse(&err));
        let inputs = [node("input_ids")?, node("attention_mask")?, node("token_type_ids")?];
        let output = *model.output_ids().first().ok_or_else(|| refuse(&"it has no output"))?;
        Ok(Self { model, encoder, inputs, output })
    }

    /// The vectors of texts, in their order. Texts of like length are run together, so that little is spent on padding.
    pub(crate) fn embed(&self, texts: &[&str], pool: Option<&Arc<ThreadPool>>) -> Result<Vec<Vec<f32>>, String> {
        let lengths = self.lengths(texts)?;
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&at| (lengths[at], at));
        let mut vectors = vec![Vec::new(); texts.len()];
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(batch_size(rest, &lengths));
            let made = self.run(&batch.iter().map(|&at| texts[at]).collect::<Vec<_>>(), pool)?;
            for (&at, vector) in batch.iter().zip(made) {
                vectors[at] = vector;
            }
            rest = after;
        }
        Ok(vectors)
    }

    fn lengths(&self, texts: &[&str]) -> Result<Vec<usize>, String> {
        let length = |text: &&str| self.encoder.encode_fast(*text, true).map(|encoding| encoding.len()).map_err(|err| err.to_string());
        texts.iter().map(length).collect()
    }

    fn run(&self, texts: &[&str], pool: Option<&Arc<ThreadPool>>) -> Result<Vec<Vec<f32>>, String> {
        let encodings = self.encoder.encode_batch_fast(texts.to_vec(), true).map_err(|err| err.to_string())?;
        let ids = tensor(&encodings, Encoding::get_ids)?;
        let mask = tensor(&encodings, Encoding::get_attention_mask)?;
        let types = tensor(&encodings, Encoding::get_type_ids)?;
        let [ids_node, mask_node, types_node] = self.inputs;
        let inputs = vec![(ids_node, ids.view().into()), (mask_node, mask.view().into()), (types_node, types.view().into())];
        let options = RunOptions::default().with_thread_pool(pool.cloned());
        let [output] = self.model.run_n(inputs, [self.output], Some(options)).map_err(|err| err.to_string())?;
        let hidden: NdTensor<f32, 3> = output.try_into().map_err(|err| format!("{err:?}"))?;
        Ok((0..encodings.len()).map(|at| pool_mean(&hidden.slice(at), encodings[at].get_attention_mask())).collect())
    }
}

/// How many of the coming texts, shortest first, go into one run.
fn batch_size(order: &[usize], lengths: &[usize]) -> usize {
    let fits = |&(count, &at): &(usize, &usize)| (count + 1) * lengths[at] <= BATCH_TOKENS;
    order.iter().enumerate().take_while(fits).count().max(1)
}

fn tensor(encodings: &[Encoding], part: fn(&Encoding) -> &[u32]) -> Result<NdTensor<i32, 2>, String> {
    let width = encodings.first().map_or(0, Encoding::len);
    let data: Result<Vec<i32>, _> = encodings.iter().flat_map(part).map(|&id| i32::try_from(id)).collect();
    let data = data.map_err(|err| err.to_string())?;
    Ok(NdTensor::from_data([encodings.len(), width], data))
}

/// The mean over the tokens that are not padding, scaled to length 1.
fn pool_mean(hidden: &NdTensorView<f32, 2>, mask: &[u32]) -> Vec<f32> {
    let mut sum = vec![0.0_f32; ALL_MINILM_L6_V2.dimension];
    for (token, _) in mask.iter().enumerate().filter(|(_, keep)| **keep == 1) {
        for (total, value) in sum.iter_mut().zip(hidden.slice(token).iter()) {
            *total += value;
        }
    }
    // The number of tokens cancels out when the length is set to 1.
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
    for value in &mut sum {
        *value /= length;
    }
    sum
}
