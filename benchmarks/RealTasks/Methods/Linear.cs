using MathNet.Numerics.LinearAlgebra;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>Matrices of rows for the closed-form methods.</summary>
internal static class Linear
{
    /// <summary><c>[rows, 1 + features]</c>, the first column 1.</summary>
    public static Matrix<double> Inputs(Scale scale, IReadOnlyList<int> rows) =>
        Matrix<double>.Build.DenseOfRowArrays(rows.Select(row => scale.X(row).Prepend(1.0).ToArray()));

    /// <summary><c>[rows, outputs]</c>.</summary>
    public static Matrix<double> Targets(Scale scale, IReadOnlyList<int> rows) =>
        Matrix<double>.Build.DenseOfRowArrays(rows.Select(scale.Y));

    /// <summary>The minimiser of ‖XW − Y‖² + λ‖W‖² but for the bias, whose share is small.</summary>
    public static Matrix<double> Ridge(Matrix<double> x, Matrix<double> y, double strength)
    {
        var gram = x.TransposeThisAndMultiply(x);
        for (var i = 0; i < gram.RowCount; i++)
        {
            gram[i, i] += i == 0 ? 1e-3 : strength;
        }

        return gram.Cholesky().Solve(x.TransposeThisAndMultiply(y));
    }

    public static double[][] Rows(Matrix<double> predictions, Scale scale) => [.. predictions.ToRowArrays().Select(scale.Unscaled)];
}
