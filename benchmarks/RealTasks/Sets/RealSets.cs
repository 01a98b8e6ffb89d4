using System.Globalization;

namespace MLNetMeta.RealTasks.Sets;

/// <summary>The data sets by name; each is read from its folder under the data folder.</summary>
internal static class RealSets
{
    // More rows of a task would make it no harder and everything slower.
    private const int MostRows = 200;

    public static IReadOnlyDictionary<string, Func<string, TaskSet>> All { get; } = new Dictionary<string, Func<string, TaskSet>>
    {
        ["parkinsons"] = Parkinsons,
        ["chem97"] = Chem97,
        ["egsingle"] = EgSingle,
        ["beijing_air"] = BeijingAir,
        ["engines"] = Engines,
        ["wisdm"] = Wisdm,
        ["tox_assays"] = ToxAssays,
    };

    /// <summary>Symptoms (total UPDRS) of a person from voice measures; a task is a person.</summary>
    private static TaskSet Parkinsons(string data)
    {
        var file = new CsvFile(Path.Combine(data, "tasks/parkinsons_telemonitoring/parkinsons_updrs.csv.gz"));
        return new TaskSet
        {
            Name = "parkinsons",
            Features = file.Features(file.Names.Except(["subject#", "motor_UPDRS", "total_UPDRS"])),
            Targets = file.Numbers("total_UPDRS"),
            Tasks = TaskSet.Group(file.Texts("subject#"), MostRows),
        };
    }

    /// <summary>A-level chemistry score from earlier scores; a task is a school with at least 30 pupils.</summary>
    private static TaskSet Chem97(string data)
    {
        var file = new CsvFile(Path.Combine(data, "tasks/school_exams/chem97.csv.gz"));
        return new TaskSet
        {
            Name = "chem97",
            Features = CsvFile.Complete(
                [file.Numbers("age"), file.Numbers("gcsescore"), file.Numbers("gcsecnt"), .. file.OneHot("gender")]),
            Targets = file.Numbers("score"),
            Tasks = TaskSet.Group(file.Texts("school"), MostRows, fewest: 30),
        };
    }

    /// <summary>Mathematics score of a child in a year; a task is a school.</summary>
    private static TaskSet EgSingle(string data)
    {
        var file = new CsvFile(Path.Combine(data, "tasks/school_exams/egsingle.csv.gz"));
        return new TaskSet
        {
            Name = "egsingle",
            Features = CsvFile.Complete(
            [
                .. ((string[])["year", "grade", "retained", "black", "hispanic", "size", "lowinc", "mobility"]).Select(file.Numbers),
                .. file.OneHot("female"),
            ]),
            Targets = file.Numbers("math"),
            Tasks = TaskSet.Group(file.Texts("schoolid"), MostRows),
        };
    }

    /// <summary>PM2.5 (log) from weather and other gases; a task is a month at a station.</summary>
    private static TaskSet BeijingAir(string data)
    {
        var file = new CsvFile(Path.Combine(data, "tasks/beijing_air/beijing_multisite.csv.gz"));
        var (target, wind) = (file.Numbers("PM2.5"), file.Texts("wd"));
        var (station, year, month) = (file.Texts("station"), file.Texts("year"), file.Texts("month"));
        var points = new[] { "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW" };
        float[] Wind(Func<double, double> of) => Array.ConvertAll(
            wind, w => Array.IndexOf(points, w) is >= 0 and var point ? (float)of(2 * Math.PI * point / points.Length) : 0);
        var hour = file.Numbers("hour");
        // Other particles (PM10) contain what is asked for.
        string[] gases = ["SO2", "NO2", "CO", "O3", "TEMP", "PRES", "DEWP", "RAIN", "WSPM"];
        var features = CsvFile.Complete(
        [
            .. gases.Select(file.Numbers), Wind(Math.Cos), Wind(Math.Sin),
            Array.ConvertAll(hour, h => MathF.Cos(h * MathF.Tau / 24)), Array.ConvertAll(hour, h => MathF.Sin(h * MathF.Tau / 24)),
        ]);
        int[] known = [.. Enumerable.Range(0, file.Rows).Where(row => !float.IsNaN(target[row]))];
        return new TaskSet
        {
            Name = "beijing_air",
            Features = Array.ConvertAll(known, row => features[row]),
            Targets = Array.ConvertAll(known, row => MathF.Log(1 + target[row])),
            Tasks = TaskSet.Group(Array.ConvertAll(known, row => (station[row], year[row], month[row])), MostRows),
        };
    }

    /// <summary>Cycles that an engine has left, from its sensors alone; a task is an engine.</summary>
    private static TaskSet Engines(string data)
    {
        var file = new CsvFile(Path.Combine(data, "tasks/cmapss_engines/train_FD001.csv.gz"));
        var (unit, cycle) = (file.Texts("unit"), file.Numbers("cycle"));
        var life = unit.Zip(cycle).GroupBy(row => row.First).ToDictionary(rows => rows.Key, rows => rows.Max(row => row.Second));
        var varying = file.Names.Except(["unit", "cycle"]).Where(name => file.Texts(name).Distinct().Skip(1).Any());
        return new TaskSet
        {
            Name = "engines",
            Features = file.Features(varying),
            Targets = [.. unit.Zip(cycle, (u, c) => life[u] - c)],
            Tasks = TaskSet.Group(unit, MostRows),
        };
    }

    /// <summary>What a phone's user is doing; a task is a user.</summary>
    private static TaskSet Wisdm(string data)
    {
        var file = new CsvFile(Path.Combine(data, "tasks/wisdm_activity/wisdm_v1.1_transformed.csv.gz"));
        var texts = file.Texts("class");
        string[] classes = [.. texts.Distinct().Order(StringComparer.Ordinal)];
        return new TaskSet
        {
            Name = "wisdm",
            Classes = classes,
            Features = file.Features(file.Names.Except(["UNIQUE_ID", "user", "class", "XAVG"])),
            Targets = Array.ConvertAll(texts, text => (float)Array.IndexOf(classes, text)),
            Tasks = TaskSet.Group(file.Texts("user"), most: 300),
        };
    }

    /// <summary>Whether a molecule is active in an assay, from its fingerprint; a task is an assay.</summary>
    private static TaskSet ToxAssays(string data)
    {
        var folder = Path.Combine(data, "tasks/tox_assays");
        var (labels, molecules) =
            (new CsvFile(Path.Combine(folder, "toxcast_labels.csv.gz")), new CsvFile(Path.Combine(folder, "toxcast_molecules.csv.gz")));
        var bits = molecules.Texts("mol").Zip(molecules.Texts("ecfp4_1024_hex"), (mol, hex) => (mol, Bits(hex)))
            .ToDictionary(molecule => molecule.mol, molecule => molecule.Item2);
        var of = labels.Texts("mol");
        var random = new Random(0);
        var (features, targets, tasks) = (new List<float[]>(), new List<float>(), new List<int[]>());
        foreach (var assay in labels.Names.Except(["mol"]))
        {
            var values = labels.Texts(assay);
            int[] Sample(string value, int most)
            {
                int[] rows = [.. Enumerable.Range(0, values.Length).Where(row => values[row] == value)];
                random.Shuffle(rows);
                return rows.Length > most ? rows[..most] : rows;
            }

            var (active, inactive) = (Sample("1", 30), Sample("0", 90));
            if (active.Length < 20 || inactive.Length < 20)
            {
                continue;
            }

            tasks.Add([.. Enumerable.Range(targets.Count, active.Length + inactive.Length)]);
            features.AddRange(active.Concat(inactive).Select(row => bits[of[row]]));
            targets.AddRange([.. active.Select(_ => 1f), .. inactive.Select(_ => 0f)]);
        }

        return new TaskSet
        {
            Name = "tox_assays",
            Classes = ["inactive", "active"],
            IsImbalanced = true,
            Features = [.. features],
            Targets = [.. targets],
            Tasks = [.. tasks],
        };
    }

    private static float[] Bits(string hex) =>
    [
        .. hex.SelectMany(digit =>
        {
            var value = int.Parse([digit], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return Enumerable.Range(0, 4).Select(bit => (float)((value >> (3 - bit)) & 1));
        }),
    ];
}
