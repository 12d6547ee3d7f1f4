"""How a study was done, as flowing text that holds every setting of its plan and where each rule is from."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from nonet.bundle.grader_kind import GraderKind
from nonet.study.plan import Boxes, Input
from nonet.study.report.blocks import Block, bold, filled, grouped, joined, paragraph, span
from nonet.study.report.truth import truth_of
from nonet.study.report.wording import KINDS, QUESTIONS, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nonet.study.plan import Arm, Plan
    from nonet.study.report.run_results import RunResults

__all__ = ["methods", "setting"]

_FEATURES = {
    Input.RADIOMICS: "radiomic features by the definitions of the Image Biomarker Standardisation Initiative "
    "(Zwanenburg et al. 2020)",
    Input.RADIOMICS_WITHOUT_MORPHOLOGY: "radiomic features without those of morphology",
    Input.RADIOMICS_WITHOUT_SIZE: "radiomic features without those of morphology and those that follow the area of the "
    "box in speckle without structure",
    Input.RULER: "the size that a reading measures, in head units and, where the pixel size is known, in millimetres, "
    "with the echo of the nasal bone as a ratio to that of the skin",
    Input.BOX_SIZE: "logarithms of the sides of the detected box in head units",
    Input.DEEP: "deep features, the pooled outputs of an EfficientNet (Tan and Le 2019) that has not seen the frames",
    Input.LAYOUT: "the layout of the screen",
    Input.ZOOM: "the size of a pixel and of the frame in millimetres",
}

_NONE = "No split is external."
_LEFT_OUT = (
    "Each {part} with at least {least} rows of every class, there and in the others, is left out in turn and "
    "tested with models of the others that are known."
)
_NONE_LEFT_OUT = "No device or centre is left out in turn; a part would need {least} rows of every class."


def methods(results: RunResults) -> Block:
    """Paragraphs in the order in which a study is done."""
    values = (paragraph(bold(f"{name}."), " ", made(results.plan, results)) for name, made in _PARTS.items())
    return grouped(*values, class_="columns")


def setting(value: str | int | float) -> Block:
    """A setting of the plan, marked as such."""
    return span(value if isinstance(value, str) else f"{value:.12g}", class_="set")


def _task(plan: Plan, results: RunResults) -> Block:
    return filled(
        "The study {name} (task {task}) asks of each {unit}: {question} {truth} Frames are those of {data}, "
        "{split}. {external} {labels}The classes are {classes}; {sensitivity}.",
        name=setting(plan.name),
        task=setting(plan.task.value),
        unit=results.unit,
        question=QUESTIONS[plan.task],
        truth=truth_of(plan).sentence,
        data=joined(["the data set ", setting(_name(plan.data))]) if plan.data else "the data set given to the run",
        split=joined(["split ", setting(plan.split)]) if plan.split else "all splits",
        external=_external(plan),
        labels=_labels(plan),
        classes=listed(results.classes),
        sensitivity=results.sensitivity,
    )


def _external(plan: Plan) -> Block:
    """What is only tested."""
    if plan.external_data:
        part = filled(", split {split}", split=setting(plan.external)) if plan.external else ""
        return filled("The data set {data}{part} is only tested.", data=setting(_name(plan.external_data)), part=part)
    return filled("The split {split} is only tested.", split=setting(plan.external)) if plan.external else _NONE


def _labels(plan: Plan) -> Block:
    """What a plan says of labels, each sentence with a space after it."""
    said = []
    if plan.labels:
        said.append(filled("Labels are those of the table {table}. ", table=setting(_name(plan.labels))))
    if plan.labels_from:
        said.append(filled("The plan says that they come from: {source}. ", source=setting(plan.labels_from.value)))
    if plan.classes:
        said.append(filled("The plan orders the classes {classes}. ", classes=_series(map(setting, plan.classes))))
    if plan.positive:
        said.append(filled("The plan calls {positive} positive. ", positive=setting(plan.positive)))
    return joined(said)


_ONE_RUN = "They cover the drawing of test rows, not that of training rows, folds or seeds."
_REPEATED = (
    "Internal figures are means over the repeats, and their intervals hold the variance between repeats beside that of "
    "test rows, by Student's distribution; those of schemes without repeats hold the latter alone."
)


def _repeats(plan: Plan) -> Block:
    """How often the internal folds are drawn."""
    if plan.repeats == 1:
        return filled("Folds are drawn {times} time. ", times=setting(plan.repeats))
    return filled(
        "Folds are drawn {times} times, each with a salt and a seed of its own. ", times=setting(plan.repeats)
    )


def _twins(plan: Plan) -> Block:
    """What graders are fitted on besides the frames."""
    if not plan.twins:
        return filled("Graders are fitted on frames as they are ({twins} twins). ", twins=setting(plan.twins))
    return filled(
        "They are fitted on each frame and on {twins} random twins of it: other sizes, turned or mirrored, other grey, "
        "sharper, smoother, noisier or compressed, each located and measured as a frame is; those of a frame together "
        "count as much as it does, but for the TabTransformer, which takes each once. Probabilities are calibrated on "
        "both alike; the least log loss and conformal scores are those of frames as they are (Nonet 2026). ",
        twins=setting(plan.twins),
    )


def _blocks(plan: Plan) -> Block:
    """How the columns of different sources weigh against each other."""
    if not plan.block_scaling:
        return filled("Every column counts alike ({blocks}). ", blocks=setting("no block scaling"))
    return filled(
        "In logistic regressions the detector's numbers, radiomics, deep features and sizes each count alike, however "
        "many columns they have ({blocks}: Westerhuis et al. 1998). ",
        blocks=setting("block scaling"),
    )


_BOXES = {
    Boxes.DETECTED: "Boxes are {boxes}: the bundle's detector finds nine a frame, overlays masked; reference boxes are "
    "never used (Nonet 2026).",
    Boxes.REFERENCE: "Boxes are those of the data set ({boxes}), each moved by a residual of the detector on frames "
    "that it had not seen, as one reader's are off from another's; where there is none, the detector's (Nonet 2026).",
}
_FROM_TABLES = (
    "Radiomic and deep features of frames as they are stand in tables of their own, {tables}; the study did not see "
    "how their boxes were drawn. For the other features boxes are {boxes}: the bundle's detector finds nine a frame, "
    "overlays masked (Nonet 2026)."
)


def _measuring(plan: Plan, _: RunResults) -> Block:
    used = {each for arm in (*plan.arms.values(), *plan.baselines.values()) for each in arm}
    values = [words for each, words in _FEATURES.items() if each in used]
    whose = setting(plan.boxes.value)
    boxes = filled(_BOXES[plan.boxes], boxes=whose)
    if plan.features:
        tables = _series(setting(_name(table)) for table in plan.features)
        boxes = filled(_FROM_TABLES, tables=tables, boxes=whose)
    return filled(
        "{boxes} {besides}The arms are {arms}: radiomic and deep features alone and together as Zhou et al. (2026) "
        "compare them, the detector's numbers beside them as is our own (Nonet 2026).{baselines}",
        boxes=boxes,
        besides=f"Besides: {listed(values)}. " if values else "",
        arms=_series(_arms(plan.arms)),
        baselines=filled(
            " What they have to beat, by logistic regression: {baselines}.", baselines=_series(_arms(plan.baselines))
        )
        if plan.baselines
        else "",
    )


def _arms(arms: Mapping[str, Arm]) -> Iterable[Block]:
    for name, inputs in arms.items():
        given = _series((setting(each.value) for each in inputs), " + ")
        yield filled("{name} ({given})", name=setting(name), given=given)


def _division(plan: Plan, _: RunResults) -> Block:
    return filled(
        "{count} outer folds by a hash of the grey pixels, salt {salt}, each with its share of every class (Sechidis "
        "et al. 2011). Images of one patient and near copies of one image (up to 10 of 256 bits of a difference hash) "
        "share theirs; an id of a patient means one person {patients}; where patients are unknown each image stands "
        "alone (Nonet 2026). "
        f"{_LEFT_OUT if plan.folds.leave_out else _NONE_LEFT_OUT} One grader is made from all rows. "
        "Scaling of radiomic and deep features: {scaling}.",
        scaling=setting(plan.scaling.value),
        count=setting(plan.folds.count),
        patients=setting(plan.folds.patients.value),
        salt=setting(plan.folds.salt),
        part=setting(plan.folds.leave_out or ""),
        least=setting(plan.folds.least),
    )


def _stability(plan: Plan, _: RunResults) -> Block:
    raters = plan.raters
    residuals = filled(" (those of {file})", file=setting(_name(raters.residuals))) if raters.residuals else ""
    return filled(
        "{reviewed} standard frames (unedited ones, where the data hold copies) are boxed again by {reviewers} "
        "reviewers, drawn from the detector's residuals{residuals} on frames it has not seen, those of the frame's own "
        "fold (and device or centre, where such are left out); {shown_again} are shown in nine machine styles and at "
        "five other zooms, boxes carried along; only seen structures are rated. {heads} simulated heads are each "
        "scanned by nine machines (removing nothing: {reported}). A feature is stable if its ICC(A,1) (McGraw and "
        "Wong 1996), which is ICC(2,1) of Shrout and Fleiss (1979), is at least {least} by {sources}, of devices the "
        "median, each against the original, with {least_pair} as the least of any (Zhou et al. 2026; Nonet 2026).",
        reviewed=setting(raters.reviewed),
        reviewers=setting(raters.reviewers),
        residuals=residuals,
        shown_again=setting(raters.shown_again),
        reported=_series(map(setting, plan.selection.reported)) if plan.selection.reported else "none",
        least_pair=setting(plan.selection.least_pair),
        heads=setting(raters.heads),
        least=setting(plan.selection.least_icc),
        sources=_sources(plan),
    )


def _sources(plan: Plan) -> Block:
    sources = plan.selection.sources
    if not sources:
        return "no source: nothing is filtered by stability"
    return joined(["each of " if len(sources) > 1 else "", _series(map(setting, sources))])


def _selection(plan: Plan, _: RunResults) -> Block:
    return filled(
        "On training rows alone, structure by structure, and again in every inner fold. Redundancy: in the order "
        "of falling ICC, a feature is kept if Pearson's |r| with all that were kept before is at most "
        "{correlation} (the filter: Zhou et al. 2026; its threshold: Nonet 2026). Then the LASSO (Tibshirani 1996), "
        "one class against the others, on standardised columns, intercepts not penalised, its penalty by {folds} inner "
        "folds and the rule {penalty} (one standard error: Breiman et al. 1984), {l1_ratio} of it L1 (less than 1: an "
        "elastic net, Zou and Hastie 2005). Frequencies are shares of {resamples} halves of the rows, drawn in "
        "complementary pairs (Shah and Samworth 2013). What the detector says, sizes, layout and zoom are not filtered "
        "(Nonet 2026).",
        correlation=setting(plan.selection.most_correlation),
        folds=setting(plan.selection.folds),
        penalty=setting(plan.selection.penalty.value),
        l1_ratio=setting(plan.selection.l1_ratio),
        resamples=setting(plan.selection.resamples),
    )


def _graders(plan: Plan, _: RunResults) -> Block:
    return filled(
        "Every arm is graded by {kinds}{source}, each with a budget of {budget} settings, spread evenly (McKay et "
        "al. 1979), of which the least out-of-fold log loss in {folds} inner folds{draws} chooses; seed {seed}. "
        "{repeats}{twins}{blocks}Out-of-fold probabilities are calibrated: two classes by Platt scaling (1999), more "
        "by vector scaling (Guo et al. 2017), rare ones by one temperature. The grader is the mean of the classifiers "
        "of the inner folds; none is fitted again. A class stays in a conformal set (level {level} for each "
        "class{levels}: Vovk 2012) by what these classifiers say of the rows that they did not see (Barber et al. "
        "2021; Romano et al. 2020), scores and calibration from different halves of the rows (Vovk 2015; Nonet "
        "2026).",
        kinds=_series(setting(KINDS[kind.value]) for kind in plan.kinds),
        source=" (TabTransformer: Huang et al. 2020)" if GraderKind.TAB_TRANSFORMER in plan.kinds else "",
        budget=setting(plan.budget),
        folds=setting(plan.inner_folds),
        draws="" if plan.inner_draws == 1 else f", drawn {plan.inner_draws} times,",
        seed=setting(plan.seed),
        repeats=_repeats(plan),
        twins=_twins(plan),
        blocks=_blocks(plan),
        level=setting(plan.level),
        levels="".join(f" but {name}, {level:g}" for name, level in plan.levels.items()),
    )


def _figures(plan: Plan, _: RunResults) -> Block:
    return filled(
        "All figures follow from the predictions file. AUC and ROC curves are of pairs of rows that one model graded, "
        "all pairs counting alike. Intervals are 95 % percentile intervals (Efron and "
        "Tibshirani 1993) of {resamples} bootstrap resamples of patients where they are known, or else of frames; "
        "differences are paired by the same resamples, p values two-sided and corrected family by family (Holm "
        "1979), all schemes together. {cover} "
        "Kappa has quadratic weights (Cohen 1968); the calibration slope is Cox's (1958), its intercept taken at slope "
        "1; {stated}net benefit is that of Vickers and Elkin (2006) (Nonet 2026).",
        resamples=setting(plan.resamples),
        cover=_ONE_RUN if plan.repeats == 1 else _REPEATED,
        stated=""
        if plan.prevalence is None
        else filled("predictive values are given at a prevalence of {of} too; ", of=setting(plan.prevalence)),
    )


def _bundle(plan: Plan, results: RunResults) -> Block:
    if plan.bundle is None:
        return filled("The plan ships no bundle.")
    shipped = results.shipped
    if not shipped.ships:
        return filled("{words}", words=bold(shipped.words))
    return filled(
        "The best grader, made from all rows, is in the bundle {name}, version {version}{folds}.{left}",
        left=f" {shipped.words}" if shipped.words else "",
        name=setting(plan.bundle.name),
        version=setting(plan.bundle.version),
        folds="; those of the outer folds, made without their frames, stand beside it" if plan.bundle.folds else "",
    )


_PARTS = {
    "Task": _task,
    "Measuring": _measuring,
    "Split": _division,
    "Stability": _stability,
    "Selection": _selection,
    "Graders": _graders,
    "Figures": _figures,
    "Bundle": _bundle,
}


def _series(parts: Iterable[Block], last: str = " and ") -> Block:
    """Parts with commas between them, and a word before the last."""
    values = list(parts)
    between = [", "] * (len(values) - 2) + [last] * (len(values) > 1)
    return joined(piece for part, gap in zip(values, [*between, ""], strict=True) for piece in (part, gap))


def _name(place: str) -> str:
    """The last part of an absolute path, which is nobody else's; any other as it is."""
    for path in (PurePosixPath(place), PureWindowsPath(place)):
        if path.is_absolute():
            return path.name
    return place
