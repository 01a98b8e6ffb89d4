namespace MLNetMeta.Reproduce;

/// <summary>A test set that only the final run opens, with settings that were chosen without it.</summary>
/// <remarks>
/// The first final run of an output folder on a data set records its settings and seeds. Another one with other settings is refused: it
/// would choose on test data.
/// </remarks>
internal static class SealedTest
{
    /// <summary>Opens the test set for these settings, or says who opened it before.</summary>
    /// <param name="setting">The run.</param>
    /// <param name="dataSet">Whose test set.</param>
    /// <param name="settings">Everything that could have been chosen: one line for each training, and the seeds.</param>
    /// <exception cref="InvalidOperationException">It was opened with other settings.</exception>
    public static void Open(Setting setting, string dataSet, IEnumerable<string> settings)
    {
        var file = setting.FileIn($"test-set-opened-{Journal.FileName(dataSet)}{(setting.Quick ? "-quick" : "")}.txt");
        var now = string.Join('\n', settings) + '\n';
        if (!File.Exists(file))
        {
            File.WriteAllText(file + ".part", now);
            File.Move(file + ".part", file);
            return;
        }

        var before = File.ReadAllText(file);
        if (before == now)
        {
            return;
        }

        var differences = now.Split('\n').Except(before.Split('\n')).Where(line => line.Length > 0);
        throw new InvalidOperationException(
            $"The test set of {dataSet} was opened before with other settings, see '{file}'. The new settings are "
            + $"\"{string.Join("\"; \"", differences)}\". Choose settings on validation data, without --final, or use another --output "
            + "for a separate final run.");
    }
}
