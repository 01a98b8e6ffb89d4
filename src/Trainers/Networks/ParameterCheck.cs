using System.Collections.Immutable;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Networks;

/// <summary>Checks parameters that somebody else described.</summary>
internal static class ParameterCheck
{
    /// <param name="whose">Whose parameters they are, in words.</param>
    /// <param name="parameters">The parameters.</param>
    /// <exception cref="ArgumentException">A name is empty, two are equal, or a length is below 1.</exception>
    public static void Run(string whose, ImmutableArray<ParameterSpec> parameters)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in parameters.IsDefault ? throw TrainerThrow.NoParameters(whose) : parameters)
        {
            if (string.IsNullOrWhiteSpace(parameter?.Name))
            {
                throw TrainerThrow.UnnamedParameter(whose);
            }

            if (!names.Add(parameter.Name))
            {
                throw TrainerThrow.SameParameterName(whose, parameter.Name);
            }

            if (parameter.Shape.IsDefaultOrEmpty || parameter.Shape.Any(length => length < 1))
            {
                throw TrainerThrow.ParameterShape(
                    whose, parameter.Name, parameter.Shape.IsDefault ? "none" : $"[{string.Join(", ", parameter.Shape)}]");
            }

            if (parameter.IsPerClass && parameter.Shape[^1] != 1)
            {
                throw TrainerThrow.PerClassShape(whose, parameter.Name, $"[{string.Join(", ", parameter.Shape)}]");
            }
        }
    }
}
