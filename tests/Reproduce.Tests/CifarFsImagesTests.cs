using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

public sealed class CifarFsImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_ClassesOfASplit_GivesTheirScaledImages()
    {
        Strips.WriteCifarFs(_folder.Path);
        Strips.WriteClass(_folder.File("images/class_10_test0.png"), 3, 10);
        var images = new CifarFsImages(_folder.Path, quick: false);
        Assert.Equal((10, 5, 5), (images.Training.Count, images.Validation.Count, images.Test.Count));
        Assert.Equal("10 classes of 20 images", images.Describe(images.Training));
        Assert.Equal("5 classes of 20 to 23 images", images.Describe(images.Validation));

        var view = images.Load(new MLContext(1), images.Validation);

        Assert.Equal(CifarFile.Pixels, ((VectorDataViewType)view.Schema["Features"].Type).Size);
        var labels = view.GetColumn<string>("Label").ToArray();
        Assert.Equal(103, labels.Length);
        Assert.Equal(images.Validation, labels.Distinct());
        var first = view.GetColumn<float[]>("Features").First();
        var pixels = CifarStrips.Read(_folder.File("images/class_10_train0.png"));
        Assert.Equal((pixels[0] - 125.3f) / 63f, first[0]);
        Assert.Equal((pixels[CifarFile.Pixels - 1] - 113.9f) / 66.7f, first[^1]);
    }

    [Fact]
    public void Create_DamagedFolder_SaysWhatIsMissing()
    {
        Refused("has no classes.csv");
        Write("name,split", "a,train");
        Refused("has no columns class and cifar_fs_split: its header is name, split");
        Write("class,cifar_fs_split", "a,train", "b");
        Refused("row 2: 1 cells, but the header has 2");
        Write("class,cifar_fs_split", "a,train", "b,val");
        Refused("no classes of the split test");
        Write("class,cifar_fs_split", "a,train", "b,val", "c,test");
        Refused("has no folder images");
        Directory.CreateDirectory(_folder.File("images"));
        Strips.WriteClass(_folder.File("images/a_train0.png"), 1, 1);
        Refused("no strips of the class b");

        void Write(params string[] lines) => File.WriteAllLines(_folder.File("classes.csv"), lines);

        void Refused(string said) => Assert.Contains(
            said, Assert.Throws<FormatException>(() => new CifarFsImages(_folder.Path, quick: false)).Message, StringComparison.Ordinal);
    }
}
