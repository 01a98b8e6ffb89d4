using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MLNetMeta.Reproduce;

/// <summary>Finished results of an experiment, one JSON file each: what makes a run resumable.</summary>
/// <remarks>A result belongs to its key, which therefore names everything it depends on.</remarks>
internal sealed class Journal(Setting setting)
{
    public T Do<T>(string key, Func<T> compute)
    {
        var file = setting.FileIn($"{FileName($"{key} seed {setting.Seed}{(setting.Quick ? " quick" : "")}")}.json");
        if (File.Exists(file))
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file), _json)
                ?? throw new FormatException($"'{file}' contains no result: delete it.");
        }

        var result = compute();
        File.WriteAllText(file + ".part", JsonSerializer.Serialize(result, _json));
        File.Move(file + ".part", file);
        return result;
    }

    /// <summary>The key as far as a file system takes it, and a checksum of the whole where that is not all.</summary>
    public static string FileName(string key)
    {
        const int most = 120;
        var name = string.Concat(key.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        return name.Length <= most ? name : $"{name[..most]}-{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..16]}";
    }

    private static readonly JsonSerializerOptions _json = new()
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };
}
