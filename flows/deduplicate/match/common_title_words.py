"""Common title words: how little a word says of which paper a title names."""

import math
from itertools import combinations

import polars as pl

COMMON_TITLE_WORDS = """
for and of in a with the learning based on to models language via multi using model networks data
from large an detection image generation reasoning framework analysis efficient systems time aware
network llm neural deep vision 3d video diffusion ai multimodal approach visual optimization agent
llms towards adaptive graph segmentation system dynamic control human text training by evaluation
self through knowledge guided modeling robust information reinforcement semantic classification
estimation agents benchmark real scale prediction study driven object design high recognition
retrieval understanding cross free context as domain attention dataset low performance algorithm
social distributed machine optimal fine long generative alignment representation under level
temporal graphs world evaluating reconstruction open inference medical memory task is gaussian
supervised unified search hybrid speech online images non wireless autonomous sparse algorithms shot
space adversarial linear applications view s enhancing motion energy feature synthesis hierarchical
mobile fusion computing planning modal method complexity quality fast over automated spatial flow
beyond power tuning transformer how communication cloud agentic benchmarking problem at new enhanced
improving software robot state augmented point architecture case foundation dual resolution
adaptation selection latent logic scene survey policy privacy user research can zero uncertainty
resource matching application action games representations single theory multiple scalable dynamics
structured test sensing methods tracking structure assessment parallel transfer distillation scaling
two local novel management simulation prompt source web code driving end automatic sensor are
question attacks compression when problems safety decision order perception edge security
identification heterogeneous verification joint sampling localization environments intelligence
interaction random programming synthetic extraction clustering routing audio one splatting
stochastic complex distribution interactive small convolutional probabilistic channel processing
answering event process tasks token transformers between bias collaborative tool editing translation
grained geometry series global embedding not decoding constrained discovery cognitive game chain
perspective what trajectory 2 multilingual bayesian matrix generated scientific feedback exploring
frequency content digital path scheduling clinical do layer unsupervised leveraging depth
constraints functions anomaly physics traffic causal physical access languages mapping smart without
continuous impact review across active navigation or manipulation cost federated allocation
comprehensive query tree brain generalized grounded into noise set consistency features testing
improved preserving centric challenges few imaging contrastive computer engineering natural
artificial computation robotic robustness lightweight reward risk decomposition detecting toward
enhancement geometric coding pose behavior forecasting dimensional gradient generalization against
general codes rank virtual computational field report spectral attack use remote oriented secure
finite recommendation effective preference quantum structural strategies super interpretable
automata implicit service pre semi mining refinement semantics building embeddings comparative
evidence class evolution all bridging document robots consistent exploration bounds co camera
development media techniques discrete step universal monitoring thought environment parameter
concept protocol signal you assisted simple support empirical videos first solving cooperative its
approximation mri regression mitigating specific efficiency error internet label rag mixture
reliable explainable augmentation iterative differential group grounding platform personalized dense
streaming vehicle integration vector diagnosis experts comparison distance function guidance
implementation stage autoregressive face rethinking accurate construction evolving health mimo post
sequence k making calibration scheme shape rate similarity more programs value expert your 1
instance net predicting symbolic informed instruction intelligent theoretic extended generating
processes entropy term emotion polynomial uav better fidelity constraint patterns grid sequential
systematic communications gap aligned role strategy predictive pruning t reduction optimizing
science bench continual surface conditional key modelling measuring priors statistical disease sets
future formal integrating technical trees evolutionary integrated it stable hallucination urban meta
phase properties vehicles light target change inspired inverse mechanism metric sharing stability
architectures devices like weighted x accuracy cellular loop nonlinear markov consensus controllable
lidar recurrent rl type ad checking iot their e full short optical 4d safe effects map prior
topology ensemble filtering restoration structures community diverse modality quantization style re
aggregation datasets partial collaboration ct generalizable 3 2d fields effect loss recovery trust
challenge industrial mixed radio sentiment diversity channels ranking prompting proof queries does
monocular private turn functional embodied signals vocabulary approximate fairness number thinking
analyzing approaches entity massive reference interactions response solution cell dialogue horizon i
objects results denoising soft decentralized version execution pattern storage cancer out about
binary device flexible fuzzy hardware mathematical shared tensor big block completion hoc services
spatio capacity conditioned critical facial higher imagery pipeline vs hidden policies measurement
aerial cache head influence progressive sample spectrum correction public contextual encoding
independent wise metrics mitigation scenes ultra variational bounded box maps transmission we
activity d mechanisms modular music compositional practical form improve fault steering agnostic
accelerating need body counting cyber satellite cnn transformation convex early gpu analytics
invariant news finding pretraining program enabling objective advancing annotation conversational
scenarios word blockchain controlled convergence explicit machines optimized that confidence
location lower precision tools validation 0 corpus learned mllms propagation users forward paradigm
residual delay density embedded exploiting mamba masked next noisy registration revisiting why
weight expression filter incremental off potential sequences near supervision up meets mobility
selective abstract balancing experience hop only separation size deterministic hard mesh kernel
limited load powered algebraic conditions interference technique assessing awareness be identifying
protocols radar frame hand reliability spaces summarization variable capabilities chinese indoor
interface asynchronous direct enabled fair identity product range relational three deployment learn
part 2025 characterization financial line play rgb visualization 5g input link ray legal parametric
person regularization answer bit database de hyperspectral minimal rule wild words maximum probing
clip designing latency no region vlms clouds hallucinations unlearning authentication boundary eeg
realistic theorem trained art combinatorial cultural encoder ground static activation black
composition defense rendering transport advanced peer reality solutions things autoencoders
egocentric modulation quantifying think boosting failure genetic logical teaching tokens whole
benchmarks coverage minimum n twitter coordination estimating matters strategic compact core fully
limits planar vlm weakly linguistic molecular output road some speaker topic where caching
experimental investigating micro score utility weak algorithmic correlation different mode ontology
unifying auto complete equations index quantification attribution connected rules sensitive length
position q r1 regular schemes throughput types directed explanations factorization lingual prompts
strong blind dependent dynamical intent lora skill attribute bound calculus capability faster
related technology textual topological probability pseudo relation sensors stream trajectories aided
c preferences sign behavioral biomedical circuits decoupling demand domains exact less minimization
recursive requirements ultrasound breaking documents node spatiotemporal verifiable combining
injection mean mind observation connectivity education english insights parameters surgical voice
closed fixed interpretation quantitative segment simulations speed spiking wave adapting
differentiable layout trade any infrastructure merging numerical side aligning contact induced many
paths than accelerated area databases orthogonal reducing u curriculum matrices unknown but library
shift taxonomy acoustic encryption transform tumor workshop cluster counterfactual decoupled errors
eye good improvement proactive projection within boolean concepts degree infrared maximization nlp
pixel recommender robotics theoretical antenna component judge look mask sound underwater unlocking
compressed distributions events negative operator production prototype second watermarking wavelet
circuit color interpretability sensitivity slam 4 autoencoder formation gui neuro particle age
comparing description equilibrium examples native pathology relations relative voting acceleration
animation arabic engine measurements patch proceedings dimension operations scenario synchronization
table assignment automation business flows groups humans labels market points presence resilient
simultaneous sub belief best common controller literature mllm swarm arbitrary citation classical
humanoid infinite note offline runtime scoring sql subject chest choice classifier concurrent
guarantees lens methodology missing placement workflow balanced captioning internal precise
speculative stereo varying collective communities gated inversion life operators p removal uniform 5
asymmetric characterizing coupled deepfake moving subspace thermal classes directions don following
healthcare measures mental message r compute manifold vehicular failures inter nets property qa
rewards tabular way base emergent equilibria goal hypothesis practice randomized seeing air
collision descent interpolation labeling overview symmetric work extending logics mutual
parameterized reason sentence sparsity texts tracing trustworthy unit bidirectional category
discourse emotional enterprise extreme measure multivariate android chains convolution cycle enhance
explanation fake fourier law packet parsing perceptual before carlo components detect distortion
gender graphical monte networking reachability skills states weather well workflows bottleneck
character cooperation during highly holistic imitation improves malware manufacturing patient
personalization platforms see abstraction academic commerce conformal expansion generate generator
generic know np occupancy proofs questions reflection specification studies tolerant configuration
heuristic implications importance individual international sum traces vertex bridge frontier o
partially rewriting texture tokenization top usage visible additive algebra bi breast conflict
defined difficulty double experiments interval longitudinal matter opportunities plane truth actions
broadcast degradation disentangled forest log reactive solver spatially streams switching transition
beamforming cardiac crowd decoder element gpt modern reversible standard tuned values association
bandwidth behaviors collapse diagnostic equivalence feed gesture intrinsic kv perspectives project
spoken team anything aspect asr biases conditioning kernels resources uncertain array factor
preservation quantized regularized rich student ended factors faithful historical investigation m
orchestration population price quadratic sam synthesizing variance addressing auctions average
backdoor care competition conversations developing economic fact hardness integer laws moe paper
partitioning pedestrian plug protection responses simulating specifications achieving acquisition
assembly b coarse consumption decisions drift electronic encoders epistemic extracting hierarchy
material stress threshold arithmetic baseline branch conversion discovering effectiveness external
focus live persistent personal pricing reading referring assistant automating detector drone earth
force handling lesion nash normalization valued vectors among current fluid gan gaze intrusion nodes
physically sources trends variation 2026 analytical annotations basis coded delivery dependency
detectors educational inductive inertial issues lattice limitations masking maximizing mechanistic
modalities protein reduced revisited right slide teacher applied competitive defect enough
environmental geo grids markets metadata omni personality surveillance they understand center cover
dimensions inspection make perfect political pretrained relay talking trace track volume calibrated
coloring congestion cot grasping industry optimisation proving uncovering versus vulnerability
auditing capture diagnosing difference incomplete math means microscopy multimedia recommendations
screening skeleton skin targeted condition deformable drug electric hyperbolic ii interfaces
intervention locally multiplication pairwise samples shapes tactile avoidance divergence filters
lambda movement named neighbor normal principles radiology redundancy relevance tomography wide 802
architectural back comprehension contrast differentially easy expressive feasibility help learnable
lstm membership mmwave opportunistic predict sat shortest writing cad correspondence max odometry
pairs quasi repair resilience should simulator supporting transparent unstructured v views visually
volumetric who adapter arm batch budget conceptual crowdsourcing diagrams distributional equation
era explaining family guide multidimensional operation place relationship students window ability
advances beam behaviour byzantine cameras coherent constant contracts creation curves frameworks h
harvesting module norm observations other passive pixels plan positional reconfigurable simulated
surfaces then versatile asymptotic classifiers constructing coupling criteria demonstration
discriminative emergence fpga induction kalman narrative playing practices predictions regions
revealing total anatomy approximations biological collection directional forgetting granularity grpo
inferring inpainting multiscale polynomials rational red reports sar secret alternative call
cognition empowering example expressions harnessing history illumination imperfect intersection
locality lung materials ofdm people profiling python rates satisfiability solvers stabilization
statistics wikipedia alzheimer causality changes city cyclic direction extension fundamental
kolmogorov mixing opinion preliminary qos searching taming technologies wearable yet appearance
applying cells clusters compliance deformation exchange fog gait growth heart just likelihood
millimeter misinformation neuromorphic offloading packing persona perturbations rapid regret server
temperature termination transformations unleashing utilizing which attributes barrier challenging
correlated disaster distilling dnn google malicious networked rf steganography timed updates uplink
vulnerabilities agile bases centered characteristics duplex greedy hate locomotion ml operational
reinforced rotation settings split tests tight vla ambiguity anchor anti bandit bipartite
controlling disentangling exponential gaussians hashing implementing indexing instructions lte
papers perturbation ratio reverse twin water analog band climate creative cues driver edit far
geospatial governance have layered makes nearest ocr party polar recent retinal rigid risks schema
solar them toolkit units vqa avatars coherence focused gaps generalist grasp green incorporating
layers numbers pass raw survival tail variables verifying act almost automatically claim composite
compressive controllers efficiently foundations generators gs memorization periodic reaction read
reflective reuse shaping suite train treatment unveiling visibility width affine aspects bandits
client contexts coordinate dependencies elastic executable explainability flight introducing item l
least magnetic modes neuron saliency satisfaction street surgery timing trading transportation
unmanned agreement disentanglement four initial inputs interpreting mr processor really reviews
semantically signature smartphone spread stack surrogate upper voltage chaotic chemical cnns
computations concurrency engagement finetuning food gene hash hyper hypergraph indian java leakage
list meet minimizing pair permutation plant recall relevant spherical tables worlds 6 actor
annotated chip correcting dictionary downlink elements evaluate fractional gain interleaved labeled
meaning moral needs neurons parallelism principle progress proxy ready seeking
"""
"""The 2,000 words that are in the most titles of 88,578 arXiv papers of 2007 to 2026, the most
frequent first. A word that is not among them is in fewer than one title of a thousand."""

RANKS = {word: rank for rank, word in enumerate(COMMON_TITLE_WORDS.split())}

PARTICLES = frozenset(
    (
        *("a", "an", "the", "of", "for", "and", "in", "on", "to", "with", "by", "from", "using"),
        *("at", "as", "is", "are", "s", "its", "via", "over", "into", "under", "or", "their"),
    )
)
"""Words that say nothing, and that people add and leave out."""

PARTICLE_WEIGHT = 0.1

RAREST = 4
"""Words of a title of which two make a key: a misread one leaves a key that is right."""

RAREST_PAIRS = tuple(f"rarest_{place}" for place in range(1, RAREST * (RAREST - 1) // 2 + 1))
"""Columns of such keys."""


def weigh_title_word(word: str) -> float:
    """Return how rare a word is in titles: 0.1 for particles, 1 for words that are not listed.

    Words occur about as often as the inverse of their rank, so that the logarithm of the rank tells
    rarity. The list is part of the code: what two records are decided to be depends on them alone.

    >>> weigh_title_word("the"), weigh_title_word("zebrafish")
    (0.1, 1.0)
    """
    if word in PARTICLES:
        return PARTICLE_WEIGHT
    return math.log(RANKS.get(word, len(RANKS)) + 2) / math.log(len(RANKS) + 2)


def list_rarest_pairs(titles: pl.Series) -> pl.DataFrame:
    """Return every two of the four rarest words of each title key, in the columns `RAREST_PAIRS`.

    Of equally rare words the longer ones are taken. Null where a title has no such words, particles
    aside.

    >>> list_rarest_pairs(pl.Series(["the aditi deductive database", "on it"])).rows()[0][:3]
    ('aditi database', 'aditi deductive', None)
    """
    words = (
        titles.to_frame("word")
        .with_row_index("row")
        .with_columns(pl.col("word").str.split(" ").list.unique())
        .explode("word", empty_as_null=False)
        .filter(~pl.col("word").is_in([*PARTICLES, ""]))
        .with_columns(rank=pl.col("word").replace_strict(RANKS, default=len(RANKS)))
    )
    length = pl.col("word").str.len_chars().cast(pl.Int64)
    rarest = (
        words.sort("row", -pl.col("rank"), -length, "word")
        .group_by("row", maintain_order=True)
        .agg(pl.col("word").head(RAREST).sort())
    )
    word = [pl.col("word").list.get(place, null_on_oob=True) for place in range(RAREST)]
    pairs = [
        pl.concat_str(first, second, separator=" ").alias(name)
        for name, (first, second) in zip(RAREST_PAIRS, combinations(word, 2), strict=True)
    ]
    rows = pl.DataFrame({"row": pl.Series(range(len(titles)), dtype=pl.UInt32)})
    joined = rows.join(rarest.select("row", *pairs), on="row", how="left", maintain_order="left")
    return joined.select(RAREST_PAIRS)
