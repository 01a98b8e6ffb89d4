using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;

namespace MLNetMeta.Samples;

/// <summary>A decision of the service.</summary>
/// <param name="Id">Names the decision when its reward is known; counts up from 1 in every shop.</param>
/// <param name="Arm">What to do.</param>
/// <param name="Expected">The reward that each arm is expected to bring, in the order of the arms.</param>
internal sealed record Decision(long Id, string Arm, float[] Expected);

/// <summary>Chooses among arms for many shops (or users), learns from the rewards, and forgets nothing when it stops.</summary>
/// <remarks>
/// A new shop starts from what all shops of the meta-training have in common; every reward adapts it further. Only the chosen arm's reward is ever known: the others are
/// missing targets. What is stored are contexts, arms and rewards, not models: a better learner can take them over, and adapting again takes milliseconds.
/// One process owns a folder; calls may come from any thread.
/// </remarks>
internal sealed class DecisionService : IDisposable
{
    /// <summary>Rewards that a shop learns from: the last ones.</summary>
    public const int MaximumRows = 500;

    private readonly MLContext _ml;
    private readonly Learner _learner;
    private readonly string[] _arms;
    private readonly double _exploration;
    private readonly ShopFiles _files;
    private readonly Dictionary<string, OpenShop> _shops = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <param name="ml">The ML.NET context.</param>
    /// <param name="learner">A regression learner that was meta-trained for missing targets, with one output for each arm; stays the caller's.</param>
    /// <param name="arms">Names of the arms, in the order of the learner's outputs.</param>
    /// <param name="folder">Where the shops are kept; created where it is missing.</param>
    /// <param name="exploration">Share of decisions that are made at random, in [0, 1]: insurance against shops that are unlike those of the meta-training.</param>
    /// <exception cref="SampleException">The learner does not fit the arms, or a number is out of its range.</exception>
    public DecisionService(MLContext ml, Learner learner, string[] arms, string folder, double exploration)
    {
        (_ml, _learner, _arms, _exploration) = (ml, learner, arms, exploration);
        if (learner.Task != MetaTask.Regression || !learner.MissingTargets)
        {
            throw new SampleException("The learner must be one of regression with missing targets: it learns from the reward of the chosen arm only. See samples/ContextualBanditTraining.");
        }

        if (learner.OutputCount != arms.Length)
        {
            throw new SampleException($"The learner has {learner.OutputCount} outputs and there are {arms.Length} arms ({string.Join(", ", arms)}): it needs one for each.");
        }

        if (arms.Distinct(StringComparer.Ordinal).Count() < arms.Length || arms.Any(string.IsNullOrWhiteSpace))
        {
            throw new SampleException($"The arms must have different names, none of them empty: {string.Join(", ", arms)}.");
        }

        if (exploration is not (>= 0 and <= 1))
        {
            throw new SampleException($"The share of random decisions is {exploration}; it must be from 0 to 1.");
        }

        _files = new ShopFiles(folder);
    }

    /// <summary>Chooses an arm. When this returns the decision is on disk, and waits for its reward.</summary>
    /// <exception cref="SampleException">The context is not one of the learner's, or the stored state cannot be used.</exception>
    public Decision Choose(string shop, float[] context)
    {
        CheckContext(context);
        lock (_gate)
        {
            var open = Open(shop);
            var expected = open.Expect(context);
            var id = open.State.NextDecision;
            // Random, but the same again for the same decision: a restart changes nothing.
            var random = new Random(HashCode(shop, id));
            var arm = random.NextDouble() < _exploration ? random.Next(_arms.Length) : Array.IndexOf(expected, expected.Max());
            Keep(open, open.State.With(new PendingDecision(id, context, arm)));
            return new Decision(id, _arms[arm], expected);
        }
    }

    /// <summary>Takes the reward of a decision. When this returns it is on disk.</summary>
    /// <exception cref="SampleException">NaN or infinity, or no such decision waits for a reward.</exception>
    public void Reward(string shop, long decision, float reward)
    {
        CheckReward(reward);
        lock (_gate)
        {
            var open = Open(shop);
            var pending = open.State.Pending.FirstOrDefault(p => p.Id == decision)
                ?? throw new SampleException($"Shop '{shop}' has no decision {decision} that waits for a reward: it was rewarded already, or never made.");
            Keep(open, open.State.Rewarded(pending, reward));
        }
    }

    /// <summary>Takes what happened without the service: a log, or another system's choice.</summary>
    /// <exception cref="SampleException">There is no such arm, the context is not one of the learner's, or NaN or infinity.</exception>
    public void Observe(string shop, float[] context, string arm, float reward)
    {
        CheckContext(context);
        CheckReward(reward);
        var number = Array.IndexOf(_arms, arm);
        if (number < 0)
        {
            throw new SampleException($"There is no arm '{arm}'; the arms are {string.Join(", ", _arms)}.");
        }

        lock (_gate)
        {
            var open = Open(shop);
            Keep(open, open.State.Observed(new RewardedRow(context, number, reward)));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var open in _shops.Values)
            {
                open.Dispose();
            }

            _shops.Clear();
        }
    }

    private void Keep(OpenShop open, ShopState state)
    {
        _files.Write(state);
        open.State = state;
    }

    private OpenShop Open(string shop)
    {
        if (string.IsNullOrWhiteSpace(shop))
        {
            throw new SampleException("A shop needs a name.");
        }

        if (!_shops.TryGetValue(shop, out var open))
        {
            var state = _files.Read(shop, _arms, _learner.FeatureCount) ?? ShopState.New(shop, _arms, _learner.FeatureCount);
            _shops[shop] = open = new OpenShop(_ml, _learner, state);
        }

        return open;
    }

    private void CheckContext(float[] context)
    {
        if (context.Length != _learner.FeatureCount)
        {
            throw new SampleException($"The context has {context.Length} elements; the learner takes {_learner.FeatureCount}.");
        }

        var bad = Array.FindIndex(context, value => !float.IsFinite(value));
        if (bad >= 0)
        {
            throw new SampleException(FormattableString.Invariant($"Element {bad} of the context is {context[bad]}: expected finite numbers."));
        }
    }

    private static void CheckReward(float reward)
    {
        if (!float.IsFinite(reward))
        {
            throw new SampleException(FormattableString.Invariant($"The reward is {reward}: expected a finite number. Leave out rewards that are not known."));
        }
    }

    // string.GetHashCode differs from process to process.
    private static int HashCode(string shop, long id) => unchecked(shop.Aggregate((int)id * 486187739, (hash, letter) => (hash * 31) + letter));

    /// <summary>A shop in memory: what is known of it, and the model adapted to that.</summary>
    private sealed class OpenShop(MLContext ml, Learner learner, ShopState state) : IDisposable
    {
        private FewShotPredictionTransformer? _model;
        private int _adaptedTo = -1;

        public ShopState State { get; set; } = state;

        /// <summary>Expected reward of each arm.</summary>
        public float[] Expect(float[] context)
        {
            if (_model is null || _adaptedTo != State.AdaptTo)
            {
                _model?.Dispose();
                _model = Adapt();
                _adaptedTo = State.AdaptTo;
            }

            return [.. _model.Transform(View([new Row { Features = context, Label = new float[State.Arms.Length] }])).GetColumn<float[]>("Score").Single()];
        }

        public void Dispose() => _model?.Dispose();

        private FewShotPredictionTransformer Adapt()
        {
            var rows = State.RowsToAdaptTo;
            if (rows.Count > 0)
            {
                return ml.MetaLearning().FewShot(learner).Fit(View(rows.Select(ToRow)));
            }

            // Nothing is known yet: the learner as meta-trained, which no step of adaptation has changed. A row must be there and is not looked at.
            var options = new FewShotTrainer.Options { Steps = 0 };
            return ml.MetaLearning().FewShot(learner, options).Fit(View([new Row { Features = new float[State.Features], Label = new float[State.Arms.Length] }]));
        }

        private Row ToRow(RewardedRow row) => new()
        {
            Features = row.Context,
            Label = [.. State.Arms.Select((_, arm) => arm == row.Arm ? row.Reward : float.NaN)],
        };

        private IDataView View(IEnumerable<Row> rows)
        {
            var schema = SchemaDefinition.Create(typeof(Row));
            schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, State.Features);
            schema[nameof(Row.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, State.Arms.Length);
            return ml.Data.LoadFromEnumerable(rows, schema);
        }
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        /// <summary>The reward of the arm that was chosen, NaN for the others.</summary>
        public float[] Label { get; set; } = [];
    }
}
