using System.Text.Json;

namespace MLNetMeta.Reproduce;

/// <summary>Finished results of an experiment, one JSON file each: what makes a run resumable.</summary>
/// <remarks>A result belongs to its key, which therefore names everything it depends on.</remarks>
internal sealed class Journal(Setting setting)
{
    public T Do<T>(string key, Func<T> compute)
    {
        var file = setting.FileIn($"{string.Concat($"{key} seed {setting.Seed}{(setting.Quick ? " quick" : "")}".Select(c => char.IsLetterOrDigit(c) ? c : '-'))}.json");
        if (File.Exists(file))
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file), _json) ?? throw new FormatException($"'{file}' holds no result: delete it.");
        }

        var result = compute();
        File.WriteAllText(file + ".part", JsonSerializer.Serialize(result, _json));
        File.Move(file + ".part", file);
        return result;
    }

    private static readonly JsonSerializerOptions _json = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };
}
