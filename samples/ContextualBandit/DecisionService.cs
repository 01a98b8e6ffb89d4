using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;

namespace MLNetMeta.Samples;

/// <summary>A decision of the service.</summary>
/// <param name="Id">Identifies the decision when its reward is reported. Counts up from 1 in every shop.</param>
/// <param name="Arm">The chosen arm.</param>
/// <param name="Expected">The expected reward of each arm, in the order of the arms.</param>
internal sealed record Decision(long Id, string Arm, float[] Expected);

/// <summary>Chooses among arms for many shops (or users), learns from the rewards, and keeps everything when it stops.</summary>
/// <remarks>
/// A new shop starts from what all shops of the meta-training have in common, and every reward adapts it further. Only the chosen arm's
/// reward is ever known; the other rewards are missing targets. The service stores contexts, arms and rewards, not models: a better learner
/// can use them, and adapting again takes milliseconds. A reward is stored only after the model has learned from it. One service owns a
/// folder. Calls may come from any thread.
/// </remarks>
internal sealed class DecisionService : IDisposable
{
    /// <summary>Number of most recent rewards that a shop learns from.</summary>
    public const int MaximumRows = 500;

    /// <summary>Maximum absolute value of a reward and of an element of a context. Larger values are treated as mistakes.</summary>
    public const float MaximumMagnitude = 1e6f;

    private readonly Learner _learner;
    private readonly string[] _arms;
    private readonly double _exploration;
    private readonly int _openShops;
    private readonly FewShotPredictionTransformer _untaught;
    private readonly ShopFiles _files;
    private readonly OrderedDictionary<string, OpenShop> _shops = new(StringComparer.Ordinal); // The one used last at the end.
    private readonly Lock _gate = new();

    /// <param name="learner">
    /// A regression learner that was meta-trained for missing targets, with one output for each arm. The caller disposes it.
    /// </param>
    /// <param name="arms">Names of the arms, in the order of the learner's outputs.</param>
    /// <param name="folder">Folder for the state of the shops. It is created if it does not exist.</param>
    /// <param name="exploration">
    /// Share of random decisions, in [0, 1]. They protect against shops that differ from the shops of the meta-training.
    /// </param>
    /// <param name="openShops">
    /// Number of most recently used shops in memory, at least 1. The others are read from their files when needed.
    /// </param>
    /// <exception cref="SampleException">The learner does not fit the arms, or a number is out of its range.</exception>
    /// <exception cref="IOException">The folder is in use by another service, or cannot be used.</exception>
    public DecisionService(Learner learner, string[] arms, string folder, double exploration, int openShops = 100)
    {
        (_learner, _arms, _exploration, _openShops) = (learner, arms, exploration, openShops);
        if (learner.Task != MetaTask.Regression || !learner.MissingTargets)
        {
            throw new SampleException(
                "The learner must be a regression learner with missing targets, because only the chosen arm has a reward. See "
                + "samples/ContextualBanditTraining.");
        }

        if (learner.OutputCount != arms.Length)
        {
            throw new SampleException(
                $"The learner has {learner.OutputCount} outputs, but there are {arms.Length} arms ({string.Join(", ", arms)}): it "
                + "needs one output per arm.");
        }

        if (arms.Distinct(StringComparer.Ordinal).Count() < arms.Length || arms.Any(string.IsNullOrWhiteSpace))
        {
            throw new SampleException($"The arms must have different names, none of them empty: {string.Join(", ", arms)}.");
        }

        if (exploration is not (>= 0 and <= 1))
        {
            throw new SampleException($"The share of random decisions is {exploration}; it must be from 0 to 1.");
        }

        _untaught = Untaught();
        _files = new ShopFiles(folder);
    }

    /// <summary>Chooses an arm. When this method returns, the decision is on disk and waits for its reward.</summary>
    /// <exception cref="SampleException">The context does not fit the learner, or the stored state cannot be used.</exception>
    /// <exception cref="IOException">The decision cannot be stored, so no decision is made.</exception>
    public Decision Choose(string shop, float[] context)
    {
        CheckContext(context);
        lock (_gate)
        {
            var open = Open(shop);
            var expected = Expect(open.Model ?? _untaught, context);
            var id = open.State.NextDecision;
            // Random, but always the same for the same decision, so a restart changes nothing.
            var random = new Random(HashCode(shop, id));
            var arm = random.NextDouble() < _exploration ? random.Next(_arms.Length) : Array.IndexOf(expected, expected.Max());
            Keep(open, open.State.With(new PendingDecision(id, context, arm)));
            return new Decision(id, _arms[arm], expected);
        }
    }

    /// <summary>Takes the reward of a decision. When this method returns, the reward is on disk.</summary>
    /// <exception cref="SampleException">
    /// The reward is out of range or cannot be learned from, or no such decision waits for a reward. Nothing is changed.
    /// </exception>
    /// <exception cref="IOException">The reward cannot be stored.</exception>
    public void Reward(string shop, long decision, float reward)
    {
        CheckReward(reward);
        lock (_gate)
        {
            var open = Open(shop);
            var pending = open.State.Pending.FirstOrDefault(p => p.Id == decision)
                ?? throw new SampleException(
                    $"Shop '{shop}' has no decision {decision} without a reward: it was already rewarded, or never made.");
            Learn(open, open.State.Rewarded(pending, reward));
        }
    }

    /// <summary>Takes an event that did not come from the service: an entry of a log, or another system's choice.</summary>
    /// <exception cref="SampleException">
    /// There is no such arm, the context does not fit the learner, or the reward is out of range or cannot be learned from.
    /// </exception>
    /// <exception cref="IOException">The reward cannot be stored.</exception>
    public void Observe(string shop, float[] context, string arm, float reward)
    {
        CheckContext(context);
        CheckReward(reward);
        var number = Array.IndexOf(_arms, arm);
        if (number < 0)
        {
            throw new SampleException($"There is no arm '{Excerpt.Of(arm)}'; the arms are {string.Join(", ", _arms)}.");
        }

        lock (_gate)
        {
            var open = Open(shop);
            Learn(open, open.State.Observed(new RewardedRow(context, number, reward)));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var open in _shops.Values)
            {
                open.Model?.Dispose();
            }

            _shops.Clear();
            _untaught.Dispose();
            _files.Dispose();
        }
    }

    private OpenShop Open(string shop)
    {
        CheckName(shop);
        if (_shops.TryGetValue(shop, out var open))
        {
            return open;
        }

        if (_files.Read(shop, _arms, _learner.FeatureCount) is not { } state)
        {
            return new OpenShop { State = ShopState.New(shop, _arms, _learner.FeatureCount) };
        }

        var refusal = $"What the state file '{_files.FileOf(shop)}' of shop '{shop}' holds cannot be learned from. Restore it from a "
            + "backup, or delete it to start the shop anew";
        open = new OpenShop { State = state, Model = state.Rows.Count > 0 ? Adapt(state, refusal) : null };
        Remember(open);
        return open;
    }

    private void Learn(OpenShop open, ShopState state)
    {
        var model = Adapt(state, $"Shop '{state.Shop}' cannot learn from this reward, and has not kept it");
        try
        {
            Keep(open, state);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        open.Model?.Dispose();
        open.Model = model;
    }

    private void Keep(OpenShop open, ShopState state)
    {
        _files.Write(state);
        open.State = state;
        Remember(open);
    }

    /// <summary>
    /// Keeps a shop in memory while it is among the most recently used. Only shops with a file are kept, so that requests with new names do
    /// not fill the memory.
    /// </summary>
    private void Remember(OpenShop open)
    {
        _shops.Remove(open.State.Shop);
        _shops.Add(open.State.Shop, open);
        if (_shops.Count > _openShops)
        {
            _shops.GetAt(0).Value.Model?.Dispose();
            _shops.RemoveAt(0);
        }
    }

    /// <summary>The model adapted to all rewards of a shop.</summary>
    /// <exception cref="SampleException">The model is not finite.</exception>
    private FewShotPredictionTransformer Adapt(ShopState state, string refusal)
    {
        FewShotPredictionTransformer? model = null;
        try
        {
            var ml = new MLContext(); // A context remembers every component ever made in it, so each model has one of its own.
            model = ml.MetaLearning().FewShot(_learner).Fit(View(ml, state.Rows.Select(ToRow)));
            Expect(model, state.Rows[^1].Context);
            return model;
        }
        catch (Exception exception) when (exception is InvalidOperationException or SampleException)
        {
            model?.Dispose();
            throw new SampleException($"{refusal}: {exception.Message}");
        }
    }

    /// <summary>
    /// The learner as meta-trained, without any adaptation step. A shop without rewards uses it. The adaptation needs a row, but does not
    /// use it.
    /// </summary>
    private FewShotPredictionTransformer Untaught()
    {
        var ml = new MLContext();
        return ml.MetaLearning().FewShot(_learner, new FewShotTrainer.Options { Steps = 0 }).Fit(
            View(ml, [QueryRow(new float[_learner.FeatureCount])]));
    }

    /// <summary>Expected reward of each arm.</summary>
    /// <exception cref="SampleException">An expected reward is not finite.</exception>
    private float[] Expect(FewShotPredictionTransformer model, float[] context)
    {
        var expected = model.Transform(View(new MLContext(), [QueryRow(context)])).GetColumn<float[]>("Score").Single();
        return Array.TrueForAll(expected, float.IsFinite)
            ? expected
            : throw new SampleException(
                "The expected rewards are not finite. Give contexts and rewards in the units of the meta-training.");
    }

    private Row QueryRow(float[] context) => new() { Features = context, Label = new float[_arms.Length] };

    private Row ToRow(RewardedRow row) => new()
    {
        Features = row.Context,
        Label = [.. _arms.Select((_, arm) => arm == row.Arm ? row.Reward : float.NaN)],
    };

    private IDataView View(MLContext ml, IEnumerable<Row> rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, _learner.FeatureCount);
        schema[nameof(Row.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, _arms.Length);
        return ml.Data.LoadFromEnumerable(rows, schema);
    }

    private static void CheckName(string shop)
    {
        if (string.IsNullOrWhiteSpace(shop))
        {
            throw new SampleException("A shop needs a name.");
        }

        if (Encoding.UTF8.GetByteCount(shop) is > ChecksummedFiles.MaximumNameBytes and var bytes)
        {
            throw new SampleException($"The name of a shop has {bytes} bytes; at most {ChecksummedFiles.MaximumNameBytes} are allowed.");
        }
    }

    private void CheckContext(float[] context)
    {
        if (context.Length != _learner.FeatureCount)
        {
            throw new SampleException($"The context has {context.Length} elements; the learner takes {_learner.FeatureCount}.");
        }

        var bad = Array.FindIndex(context, value => !IsSane(value));
        if (bad >= 0)
        {
            throw new SampleException(FormattableString.Invariant($"Element {bad} of the context is {context[bad]}: {Sane}."));
        }
    }

    private static void CheckReward(float reward)
    {
        if (!IsSane(reward))
        {
            throw new SampleException(
                FormattableString.Invariant($"The reward is {reward}: {Sane}. Leave out rewards that are not known."));
        }
    }

    private static bool IsSane(float value) => Math.Abs(value) <= MaximumMagnitude;

    private static string Sane =>
        FormattableString.Invariant($"expected a number from {-MaximumMagnitude} to {MaximumMagnitude}, in the units of the meta-training");

    // string.GetHashCode differs from process to process.
    private static int HashCode(string shop, long id) =>
        unchecked(shop.Aggregate((int)id * 486187739, (hash, letter) => (hash * 31) + letter));

    /// <summary>A shop in memory: its state, and the model adapted to it; null before any reward.</summary>
    private sealed class OpenShop
    {
        public required ShopState State { get; set; }

        public FewShotPredictionTransformer? Model { get; set; }
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        /// <summary>The reward of the chosen arm, NaN for the others.</summary>
        public float[] Label { get; set; } = [];
    }
}
