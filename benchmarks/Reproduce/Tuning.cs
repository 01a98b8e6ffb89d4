using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>
/// Chooses values one axis after the other: the best value of the first axis, then with it that of the second, and so on.
/// </summary>
internal static class Tuning
{
    /// <param name="axes">The axes; the search starts from their first values.</param>
    /// <param name="loss">
    /// What is to be small on validation tasks; infinite or NaN where training failed. Asked once for each setting.
    /// </param>
    /// <returns>The best setting, and every setting tried with its loss, in order.</returns>
    /// <exception cref="InvalidOperationException">No setting has a finite loss.</exception>
    public static (double[] Best, IReadOnlyList<(double[] Values, double Loss)> Trials) OneAxisAfterTheOther(
        IReadOnlyList<Axis> axes, Func<double[], double> loss)
    {
        double[] best = [.. axes.Select(a => a.Values[0])];
        var trials = new List<(double[] Values, double Loss)> { (best, loss(best)) };
        for (var axis = 0; axis < axes.Count; axis++)
        {
            foreach (var value in axes[axis].Values.Skip(1))
            {
                double[] candidate = [.. best[..axis], value, .. best[(axis + 1)..]];
                trials.Add((candidate, loss(candidate)));
            }

            var finite = trials.Where(t => double.IsFinite(t.Loss)).ToArray();
            best = finite.Length > 0 ? finite.MinBy(t => t.Loss).Values : best;
        }

        return trials.Exists(t => double.IsFinite(t.Loss))
            ? (best, trials)
            : throw new InvalidOperationException("No setting of the grid trains without diverging: choose smaller rates.");
    }

    /// <summary>The best setting of each method, by name; writes a table of all that were tried.</summary>
    /// <param name="setting">Where to.</param>
    /// <param name="name">File name of the table.</param>
    /// <param name="title">Its title.</param>
    /// <param name="effort">What each training was, and how it was judged.</param>
    /// <param name="methods">The methods.</param>
    /// <param name="run">One training; asked more than once for some.</param>
    /// <exception cref="InvalidOperationException">All settings of a method failed.</exception>
    public static Dictionary<string, double[]> OfMethods<TOptions>(
        Setting setting, string name, string title, string effort, IReadOnlyList<TunedMethod<TOptions>> methods,
        Func<TunedMethod<TOptions>, double[], Trial> run)
        where TOptions : MetaTrainingOptions
    {
        var table = new Table(title, "method", "setting", "MSE on validation tasks", "meta-steps", "seconds");
        var chosen = new Dictionary<string, double[]>();
        foreach (var method in methods)
        {
            var (best, trials) = OneAxisAfterTheOther(method.Axes, values => run(method, values).Loss);
            chosen[method.Name] = best;
            foreach (var (values, loss) in trials)
            {
                var trial = run(method, values);
                table.Add(
                    method.Name, method.Describe(values) + (values.SequenceEqual(best) ? " (chosen)" : ""), loss, trial.MetaSteps,
                    Math.Round(trial.Seconds));
            }
        }

        table.Note($"The same effort for every method: {effort}");
        table.Write(setting, name);
        return chosen;
    }
}
