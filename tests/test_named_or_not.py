"""Names that stand where nothing is named, names that two frameworks share, and names that a file format breaks up."""

import pytest
from detector import finder, inspector, pdf

from pipeline.detect.text.disambiguation import UNDECIDED
from pipeline.detect.text.documents import tex_text


def named(text: str) -> set[str]:
    return {mention.framework for mention in finder().find(text) if mention.is_counted}


def inspected(path: str, content: bytes) -> set[tuple[str, str]]:
    from io import BytesIO

    found = inspector().inspect(path, len(content), lambda: BytesIO(content), is_asked=True)
    return {(item.tier, item.framework) for item in found.detections if item.negation == "plain"}


@pytest.mark.parametrize(
    "text",
    [
        "https://www.youtube.com/watch?v=9O_UIqK3pYg",
        "id,9O_UIqK3PyG,B8T5XCRqKWE",
        "B8T5xC-JAX_Qk3_-kWE",
        '<img src="data:image/png;base64,iVBORw0KGgo4aXB8T/keras+Py8x9kQ0=">',
        "PyGILState_Ensure(); PyGILState_Release(state);",
        "static PyGetSetDef table[] = {};",
        "cunn 220",
        "fodder 231\ncunn 220\nkeras 219\nplinth 211\n",
        "A. Jax, B. Theano.",
        "[3] A. Jax and B. Theano. Deep nets for graphs. In ICML, 2017.",
        "Jax, A., Theano, B. (2019) Learning on graphs. Journal of Graphs.",
        "Flax fibres were embedded in resin, and a network segmented the flax fibre bundles.",
        "Wir trinken Kaffee im Caffe Roma.",
        "Nous avons pris un caffe sur la place.",
    ],
)
def test_letters_that_happen_to_spell_a_name_are_none(text):
    assert named(text) == set()


@pytest.mark.parametrize(
    ("text", "frameworks"),
    [
        ("We use PyG 2.0 for graph layers.", {"pytorch"}),
        ("pip install pyg-lib", {"pytorch"}),
        ("The keras2onnx converter was used.", {"keras", "onnx"}),
        ("Layers from cunn run on the GPU, in Lua.", {"torch7"}),
        ("pytorch 1.10\nnumpy 1.20\n", {"pytorch"}),
        ("Chollet wrote Keras, and Jax, which we use for training, came later.", {"keras", "jax"}),
        ("Flax fibres were imaged; the network that segments them was trained in PyTorch.", {"pytorch"}),
        ("docker pull pytorch/pytorch:2.1.0-cuda12.1-cudnn8-devel", {"pytorch"}),
    ],
)
def test_names_in_similar_places_are_still_read(text, frameworks):
    assert frameworks <= named(text)


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("We used torch for all experiments.", "pytorch"),
        ("Implemented in Torch with Adam on an A100 (2023).", "pytorch"),
        ("Everything was written in Torch (Paszke et al.).", "pytorch"),
        ("The code calls torch.einsum(a, b) and is written in Torch throughout.", "pytorch"),
        ("Training in Torch took two days on four RTX 3090 GPUs.", "pytorch"),
        ("Torch-ngp: a PyTorch implementation of instant-ngp", "pytorch"),
        ("see github.com/pytorch/pytorch/blob/main/torch/nn/modules/conv.py", "pytorch"),
        ("We use the Torch framework (Collobert et al., 2011).", "torch7"),
        ("Implemented in Torch on a Titan X in 2015, with Theano as an alternative.", "torch7"),
        ("Networks were trained in Torch with the nngraph package.", "torch7"),
        ("See github.com/torch/nn for the layers.", "torch7"),
    ],
)
def test_torch_is_the_library_that_the_words_around_tell(text, framework):
    assert named(text) & {"pytorch", "torch7"} == {framework}


@pytest.mark.parametrize(
    "text",
    [
        "We implemented it in Torch (Collobert et al., 2011) and trained it on an A100.",
        "Our models were implemented in Torch, with Theano kernels, in 2019.",
        "The code of Torch-abc is written in Torch.",
    ],
)
def test_a_shared_name_that_nothing_decides_is_stored_undecided_and_not_counted(text):
    found = {(item.framework, item.negation) for item in finder().find(text)}
    assert {("pytorch", UNDECIDED), ("torch7", UNDECIDED)} <= found
    assert not any(item.is_counted for item in finder().find(text) if item.negation == UNDECIDED)


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("Wir nutzen Caffe.", "caffe"),
        ("Die Experimente wurden mit Chainer durchgeführt.", "chainer"),
        ("Das Netz wurde mit Caffe trainiert.", "caffe"),
        ("Nous utilisons Caffe.", "caffe"),
        ("Le réseau a été implémenté en Theano.", "theano"),
        ("Usamos Caffe.", "caffe"),
        ("O modelo foi implementado em Jax.", "jax"),
        ("Używamy Caffe.", "caffe"),
        ("Sieć została zaimplementowana w Theano.", "theano"),
        ("Abbiamo usato Caffe.", "caffe"),
    ],
)
def test_use_is_read_in_other_languages(text, framework):
    assert named(text) == {framework}


@pytest.mark.parametrize(
    "text", ["Theano is no longer maintained, but we used it.", "The library Caffe is not actively developed."]
)
def test_being_unmaintained_is_no_denial_of_use(text):
    assert len(named(text)) == 1


@pytest.mark.parametrize(
    ("path", "source", "frameworks"),
    [
        ("a.tex", r"We use Py\-Torch here.", {"pytorch"}),
        ("a.tex", r"We use torch\_geometric layers.", {"pytorch"}),
        ("a.tex", r"\textsc{Py}\textsc{Torch} and Py\textsc{Torch} were used.", {"pytorch"}),
        ("a.tex", r"{\sc Tensor}Flow was used.", {"tensorflow"}),
        (
            "a.tex",
            "Keras is used.\n\\iffalse\nPyTorch\n\\fi\n\\begin{comment}\nJAX\n\\end{comment}\n",
            {"keras"},
        ),
        ("a.tex", r"Implemented in Torch~\cite{paszke2019pytorch}.", {"pytorch"}),
        ("a.tex", r"Implemented in Torch~\citep{collobert2011torch7}.", {"torch7"}),
        ("a.tex", r"It works well~\cite{tensorflow2015,keras}.", set()),
        ("a.tex", r"We use \texttt{torch} and \emph{Keras}. % JAX", {"pytorch", "keras"}),
        ("a.bib", "@misc{x,\n title = {{P}y{T}orch: An imperative style}\n}", {"pytorch"}),
    ],
)
def test_latex_is_read_as_it_is_printed(path, source, frameworks):
    assert inspected(path, source.encode()) == {("mention", name) for name in frameworks}


def test_lines_of_latex_stay_where_they_were():
    source = "one % x\n\\iffalse\na\n\\fi\nWe use Py\\-Torch.\n"
    (mention,) = finder().stream(tex_text(source.encode()).pieces)
    assert mention.line == 5


@pytest.mark.parametrize(
    ("text", "framework"),
    [
        ("We use PyT orch for training.", "pytorch"),
        ("Built in T ensorFlow by us.", "tensorflow"),
        ("The T ensorﬂow graph is frozen.", "tensorflow"),
        ("Tensor\ufffdow models were trained.", "tensorflow"),
        ("Tensorow models were trained.", "tensorflow"),
        ("The network was trained with Ca\ufffde.", "caffe"),
    ],
)
def test_names_that_a_pdf_breaks_up_are_found(text, framework):
    assert named(text) == {framework}


def test_addresses_behind_links_are_a_tier_of_their_own():
    page = b'<p>The <a href="https://github.com/pytorch/vision">code</a> uses <a href="#top">Keras</a>.</p>'
    assert inspected("a.html", page) == {("link", "pytorch"), ("mention", "keras")}


def test_links_of_a_pdf_are_read():
    plain = pdf([["Our code is here."]])
    link = (
        b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] "
        b"/A << /S /URI /URI (https://github.com/google/jax) >> >>] /MediaBox"
    )
    assert inspected("a.pdf", plain.replace(b"/MediaBox", link)) == {("link", "jax")}
