using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>The command line.</summary>
/// <param name="Images">A folder with a folder of pictures for each class; null for none.</param>
/// <param name="Strips">A folder of CIFAR-FS in strips; null for none.</param>
/// <param name="Classes">Classes that are invented where there are no pictures.</param>
/// <param name="PerClass">Pictures of a class that are used.</param>
/// <param name="Steps">Meta-steps at most.</param>
/// <param name="Episodes">Tasks that every method is measured on.</param>
/// <param name="IsFinal">Whether the test classes are opened; else the validation classes are measured.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Output">Folder of embeddings, learner and exported model.</param>
internal sealed record PretrainedOptions(
    string? Images, string? Strips, int Classes, int PerClass, int Steps, int Episodes, bool IsFinal, int Seed, string Output)
{
    /// <summary>Null when the command line asked for help or was wrong; <paramref name="exitCode"/> says which.</summary>
    public static PretrainedOptions? Parse(string[] args, out int exitCode)
    {
        var images = new Option<string?>("--images") { Description = "A folder with a folder of pictures for each class; at least 15" };
        var strips = new Option<string?>("--strips")
        {
            Description = "CIFAR-FS: a folder with classes.csv and images/CLASS_*.png, in strips",
        };
        var classes = NumberOption.AtLeast(
            15, new Option<int>("--classes") { Description = "Classes that are invented without pictures", DefaultValueFactory = _ => 30 });
        var perClass = NumberOption.AtLeast(
            10, new Option<int>("--per-class") { Description = "Pictures of a class that are used", DefaultValueFactory = _ => 100 });
        var steps = NumberOption.AtLeast(
            1, new Option<int>("--steps") { Description = "Meta-steps at most", DefaultValueFactory = _ => 800 });
        var episodes = NumberOption.AtLeast(
            2, new Option<int>("--episodes") { Description = "Tasks that every method is measured on", DefaultValueFactory = _ => 600 });
        var validate = new Option<bool>("--validate")
        {
            Description = "Measure on the validation classes, and leave the test classes alone",
        };
        var seed = new Option<int>("--seed") { Description = "Seed of everything random", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--output")
        {
            Description = "Folder of embeddings, learner and exported model", DefaultValueFactory = _ => "output",
        };
        PretrainedOptions? options = null;
        var command = new RootCommand("Few-shot learning of new classes of pictures, from the embeddings of ResNet18.")
        {
            images, strips, classes, perClass, steps, episodes, validate, seed, output,
        };
        command.SetAction(result => options = new(
            result.GetValue(images), result.GetValue(strips), result.GetValue(classes), result.GetValue(perClass), result.GetValue(steps),
            result.GetValue(episodes), !result.GetValue(validate), result.GetValue(seed), result.GetValue(output)!));
        exitCode = command.Parse(args).Invoke();
        return options;
    }
}
