"""A BERT of a few KB, untrained, that writes words letter by letter: a stand-in for a real model."""

from __future__ import annotations

from pathlib import Path

LETTERS = "abcdefghiklmnopqrstuvwxyzABCDEFGHIKLMNOPQRSTUVWXYZàâçéèêîôùûœ"  # no j: words with one are unknown
WORDS = ("il", "elle", "he", "she", "it", "nurse", "dentiste", "dentist", "animal", "rue", "street")


def tiny_bert(folder: Path) -> dict[str, bytes]:
    """Its files, saved in a folder as transformers does; name → content."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForPreTraining, PreTrainedTokenizerFast

    names = ("pad", "unk", "cls", "sep", "mask")
    special = {f"{name}_token": f"[{name.upper()}]" for name in names}
    vocabulary = [*special.values(), *".,'", *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    ids = {token: index for index, token in enumerate(vocabulary)}
    backend = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(ids), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=96, initializer_range=0.35,
    )  # fmt: skip
    # With the heads that bert-base-uncased has and a masked model leaves out.
    BertForPreTraining(config).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=backend, **special).save_pretrained(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}
