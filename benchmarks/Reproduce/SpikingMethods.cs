using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>The methods of the spiking table, their costs and the whole grid of their tuning.</summary>
/// <remarks>
/// Cost of a meta-step in presentations of a task's rows with their gradient: a free step 1, a nudged step 2 (support and query rows), a
/// recorded step 3. The contrastive rule nudges both ways. A free phase of 60 steps ends far from its equilibrium, and what is left of it
/// is as large as the nudge; it cancels between +β and −β, while the paper's one-sided difference (after 500 steps) keeps it.
/// </remarks>
internal static class SpikingMethods
{
    public static TunedMethod<SpikingNetworkTrainer.Options>[] All(SpikingPhases phases) =>
    [
        Contrastive("contrastive, e-prop", phases, SpikingRule.EProp),
        Contrastive("contrastive, BPTT", phases, SpikingRule.BackpropagationThroughTime),
        Truncated("truncated unrolling, e-prop", phases, SpikingRule.EProp),
        Truncated("truncated unrolling, BPTT", phases, SpikingRule.BackpropagationThroughTime),
        Unrolled("unrolled short phase, e-prop", phases, SpikingRule.EProp),
        Unrolled("unrolled short phase, BPTT", phases, SpikingRule.BackpropagationThroughTime),
        new(
            "first-order MAML, e-prop",
            [Meta(3e-3, 1e-2, 1e-3), Inner(1e-3, 5e-4, 2e-3), new("inner steps", phases.Free, phases.Free / 2)], v => (int)v[2] + 1,
            v => With(v, SpikingRule.EProp, MetaGradientRule.FirstOrder(), (int)v[2], rate: v[1])),
        Contrastive("contrastive one-sided, e-prop", phases, SpikingRule.EProp, NudgingStencil.Forward),
        Changed("contrastive, error at every step, e-prop", phases, o => o with { Error = SpikingError.EveryStep }),
        Changed("contrastive, spike thresholds drawn once, e-prop", phases, o => o with
        {
            FeatureColumnName = nameof(SpikingTasks.Row.X),
            Network = o.Network with { Encoding = new PopulationCode { Minimum = -5, Maximum = 5 } },
        }),
    ];

    private static TunedMethod<SpikingNetworkTrainer.Options> Contrastive(
        string name, SpikingPhases phases, SpikingRule rule, NudgingStencil stencil = NudgingStencil.Symmetric) => new(
        name, [Meta(1e-2, 3e-3, 3e-2), Pull(), new("nudged steps", phases.Nudged, 2 * phases.Nudged)],
        v => phases.Free + (2 * (int)v[2] * (stencil == NudgingStencil.Forward ? 1 : 2)),
        v => With(
            v, rule, MetaGradientRule.Contrastive(3, stencil, (int)v[2], Optimizer.Adam(3e-3)),
            phases.Free) with { ConsolidationStrength = v[1] });

    private static TunedMethod<SpikingNetworkTrainer.Options> Changed(
        string name, SpikingPhases phases, Func<SpikingNetworkTrainer.Options, SpikingNetworkTrainer.Options> change)
    {
        var method = Contrastive(name, phases, SpikingRule.EProp);
        return method with { Options = v => change(method.Options(v)) };
    }

    private static TunedMethod<SpikingNetworkTrainer.Options> Truncated(string name, SpikingPhases phases, SpikingRule rule) => new(
        name, [Meta(3e-3, 1e-2, 1e-3), Pull(), new("recorded steps", phases.Recorded, Math.Max(1, phases.Recorded / 2))],
        v => phases.Free + (2 * (int)v[2]),
        v => With(v, rule, MetaGradientRule.Unrolled((int)v[2]), phases.Free) with { ConsolidationStrength = v[1] });

    private static TunedMethod<SpikingNetworkTrainer.Options> Unrolled(string name, SpikingPhases phases, SpikingRule rule) => new(
        name, [Meta(1e-3, 3e-4, 3e-3), Inner(1e-3, 5e-4, 2e-3), new("steps", phases.Recorded, 2 * phases.Recorded)],
        v => 3 * (int)v[2],
        v => With(v, rule, MetaGradientRule.Unrolled(), (int)v[2], rate: v[1]));

    private static Axis Meta(params double[] values) => new("meta-learning rate", values);

    private static Axis Pull() => new("λ", 0.1, 0.01, 1);

    private static Axis Inner(params double[] values) => new("inner rate", values);

    private static SpikingNetworkTrainer.Options With(
        double[] values, SpikingRule learningRule, MetaGradientRule rule, int steps, double rate = 1e-3) => new()
    {
        Tasks = new TaskColumn("Task") { SupportRows = 10, QueryRows = 10 },
        Network = new SpikingNetwork { Encoding = null },
        LearningRule = learningRule,
        Rule = rule,
        Adaptation = new() { Optimizer = Optimizer.Adam(rate), Steps = steps },
        Training = new() { Optimizer = Optimizer.Adam(values[0], epsilon: 1e-8), ValidationInterval = 100, Patience = null },
    };
}
