using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Optimizers;
using MLNetMeta.Trainers.Rules;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>A phase as a Loop node: what <see cref="Settle"/> is to torch.</summary>
/// <param name="Root">The graph.</param>
/// <param name="Learner">The learner.</param>
/// <param name="Consolidated">θ as the inner loop uses it.</param>
/// <param name="Support">Encoded support rows.</param>
/// <param name="Query">Encoded query rows; the support rows where nothing is nudged.</param>
internal sealed record PhaseGraph(
    GraphWriter Root, ILearner Learner, NamedValues<OnnxValue> Consolidated, Rows<OnnxValue> Support, Rows<OnnxValue> Query)
{
    /// <summary>Appends a phase that starts with a fresh optimiser.</summary>
    /// <param name="start">φ before it.</param>
    /// <param name="beta">Nudging strength; 0 for the free phase.</param>
    /// <param name="optimizer">Its optimiser.</param>
    /// <param name="steps">Its number of steps, a rank-0 whole number.</param>
    /// <param name="prefix">What the names of φ̂ begin with.</param>
    /// <param name="withGradient">Whether the gradient before the last step, the phase's residual, is asked for.</param>
    public (NamedValues<OnnxValue> Phi, OnnxValue[] LastGradient) Append(
        NamedValues<OnnxValue> start, double beta, Optimizer optimizer, OnnxValue steps, string prefix, bool withGradient = false)
    {
        var rule = optimizer.Rule();
        var rootOps = new OnnxOps(Root);
        var initial = rule.Initial(rootOps, start.Values);
        OnnxValue[] state = initial.Flatten(), residual = withGradient ? Array.ConvertAll(start.Values, rootOps.ZerosLike) : [];
        OnnxValue[] carried = [.. start.Values, .. state, .. residual];

        var body = Root.Inner(Root.Fresh("inner_step"));
        var ops = new OnnxOps(body);
        body.Graph.Input.Add(OnnxValues.Int64(Root.Fresh("iteration")));
        var goOn = Root.Fresh("go_on");
        body.Graph.Input.Add(OnnxValues.Tensor(goOn, DataType.Bool));
        var before = Array.ConvertAll(carried, v => body.Input(Root.Fresh("before"), DataType.Float, v.Shape));
        var phi = start.With(before[..start.Count]);
        var stateBefore = initial.With<OnnxValue>(before.AsSpan(start.Count, state.Length));

        var gradient = AugmentedLoss.FastGradient(ops, Learner, phi, Consolidated, Support, Query, beta);
        var (updated, next) = rule.Step(
            ops, phi.Values, Learner.Direction(ops, gradient, Consolidated), stateBefore, optimizer.LearningRate);

        var stillGoOn = Root.Fresh("still_go_on");
        body.Append("Identity", [goOn], [stillGoOn]);
        body.Graph.Output.Add(OnnxValues.Tensor(stillGoOn, DataType.Bool));
        OnnxValue[] after = [.. updated, .. next.Flatten(), .. withGradient ? gradient : []];
        foreach (var value in after)
        {
            body.Output(value, Root.Fresh("after"), DataType.Float);
        }

        var end = start.With(start.Names.Zip(start.Values, (name, v) => new OnnxValue(prefix + name, v.Shape)).ToArray());
        OnnxValue[] last = Array.ConvertAll(residual, v => new OnnxValue(Root.Fresh("last_gradient"), v.Shape));
        Root.Append(
            "Loop", [steps.Name, "", .. carried.Select(v => v.Name)],
            [.. end.Values.Select(v => v.Name), .. state.Select(_ => Root.Fresh("state")), .. last.Select(v => v.Name)],
            OnnxNodes.Graph("body", body.Graph));
        return (end, last);
    }
}
